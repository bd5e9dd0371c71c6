"""The source code that the benchmark builds: one Go module per service."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from image.bases import BASE_BUILD_ARGS
from image.build import BUILDKIT, BuildError

SAMPLE = Path(__file__).parent.parent.parent / "image" / "sample"
PATH = "marginalia.sh/sample"
"""The module path of the sample and of the generated module."""
PRINTED = '"service:'
"""The start of the string in cmd/server/main.go that an edit changes. The program prints it, so it is compiled in."""

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
"""Dependencies that support Go 1.23, close to their newest such versions."""
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
"""A service with S3, PostgreSQL and gRPC clients."""
TIDY = """\
ARG GO_IMAGE=golang:1.23
FROM ${GO_IMAGE} AS tidy
WORKDIR /src
COPY . .
RUN go mod tidy
FROM scratch
COPY --from=tidy /src /
"""
"""Completes go.mod and go.sum in a container, so that Go need not be installed."""


def heavy(folder: Path) -> Path:
    """A new module with heavy dependencies. Raises BuildError."""
    source, tidied = folder / "source", folder / "tidied"
    (source / "cmd" / "server").mkdir(parents=True)
    (source / "go.mod").write_text(HEAVY_MODULE)
    (source / "cmd" / "server" / "main.go").write_text(HEAVY_MAIN)
    dockerfile = folder / "Dockerfile.tidy"
    dockerfile.write_text(TIDY)
    command = [
        "docker",
        "build",
        *BASE_BUILD_ARGS[:2],
        "--file",
        dockerfile,
        "--output",
        f"type=local,dest={tidied}",
        source,
    ]
    run = subprocess.run(command, env={**os.environ, **BUILDKIT}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BuildError(run.stderr)
    return tidied


def services(names: Iterable[str], module: Path, folder: Path) -> dict[str, Path]:
    """Copies the module for each name, with its own module path, so that services do not share layers."""
    copies = {name: shutil.copytree(module, folder / f"mrgnl-{name}") for name in names}
    for name, copy in copies.items():
        for file in (*copy.rglob("*.go"), copy / "go.mod"):
            file.write_text(file.read_text().replace(PATH, f"marginalia.sh/{name}"))
    return copies


def edit(service: Path, run: int) -> None:
    """Changes the line of main.go that prints the error. Raises ValueError if there is no such line."""
    main = service / "cmd" / "server" / "main.go"
    before = main.read_text()
    after = before.replace(PRINTED, f"{PRINTED} edit {run}:", 1)
    if after == before:
        raise ValueError(f"{main}: no line prints {PRINTED}")
    main.write_text(after)
