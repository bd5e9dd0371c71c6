"""What is built: services of a module each, as in repositories of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from image.bases import REPLACED
from image.provider import BUILDKIT, BuildError

SAMPLE = Path(__file__).parent.parent.parent / "image" / "sample"
PATH = "marginalia.sh/sample"
"""The module's own path, in the sample and in what is generated here."""
PRINTED = '"service:'
"""How the string begins, in cmd/server/main.go, that an edit changes: the compiler cannot drop what is printed."""

HEAVY_MODULE = f"""\
module {PATH}

go 1.23.0

require (
	github.com/aws/aws-sdk-go-v2/config v1.29.0
	github.com/aws/aws-sdk-go-v2/service/s3 v1.74.0
	github.com/jackc/pgx/v5 v5.7.2
	google.golang.org/grpc v1.72.2
)
"""
"""The newest that Go 1.23 compiles, or close to it."""
HEAVY_MAIN = """\
package main

import (
	"context"
	"log"
	"net"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

type service struct {
	healthpb.UnimplementedHealthServer
	content *s3.Client
	rows    *pgxpool.Pool
}

func (s *service) Check(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	bucket := os.Getenv("S3_BUCKET")
	if _, err := s.content.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		return nil, err
	}
	return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}, s.rows.Ping(ctx)
}

func main() {
	log.Fatal("service:", run(context.Background()))
}

func run(ctx context.Context) error {
	rows, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	account, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":"+os.Getenv("GRPC_PORT"))
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, &service{content: s3.NewFromConfig(account), rows: rows})
	return server.Serve(listener)
}
"""
"""A service that talks to S3, PostgreSQL and its callers."""
TIDY = """\
ARG GO_IMAGE=golang:1.23
FROM ${GO_IMAGE} AS tidy
WORKDIR /src
COPY . .
RUN go mod tidy
FROM scratch
COPY --from=tidy /src /
"""
"""Fills in go.mod and go.sum, in the image that builds: no Go is needed beside Docker."""


def heavy(folder: Path) -> Path:
    """A new module with heavy dependencies. Raises BuildError."""
    given, tidied = folder / "given", folder / "tidied"
    (given / "cmd" / "server").mkdir(parents=True)
    (given / "go.mod").write_text(HEAVY_MODULE)
    (given / "cmd" / "server" / "main.go").write_text(HEAVY_MAIN)
    dockerfile = folder / "Dockerfile.tidy"
    dockerfile.write_text(TIDY)
    command = ["docker", "build", *REPLACED[:2], "--file", dockerfile, "--output", f"type=local,dest={tidied}", given]
    run = subprocess.run(command, env={**os.environ, **BUILDKIT}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BuildError(run.stderr)
    return tidied


def services(names: Iterable[str], module: Path, folder: Path) -> dict[str, Path]:
    """A copy of the module for each name, under a module path of its own, so that no two share a layer by accident."""
    copies = {name: shutil.copytree(module, folder / f"mrgnl-{name}") for name in names}
    for name, copy in copies.items():
        for file in (*copy.rglob("*.go"), copy / "go.mod"):
            file.write_text(file.read_text().replace(PATH, f"marginalia.sh/{name}"))
    return copies


def edit(service: Path, run: int) -> None:
    """Changes the one line of its main.go that prints why it failed."""
    main = service / "cmd" / "server" / "main.go"
    before = main.read_text()
    after = before.replace(PRINTED, f"{PRINTED} edit {run}:", 1)
    if after == before:
        raise ValueError(f"nothing in {main} prints {PRINTED}")
    main.write_text(after)
