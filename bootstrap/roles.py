"""The roles that GitHub's workflows take, the policies that bound them, and the trust in GitHub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from bootstrap import statements
from bootstrap.scope import PATH, Scope
from bootstrap.settings import GitHub
from bootstrap.state import State
from bootstrap.statements import OIDC_HOST
from ecs import iam
from ecs.iam import Statement

AUDIENCE = "sts.amazonaws.com"
"""https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws"""
DEPLOY_SESSION = 21_600
"""Seconds: as long as the job of `deploy`, which outlives the longest update: tests/program/test_timeouts.py.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html"""
PROJECT = "marginalia"
"""The main program's project, under which Pulumi stores its state in the bucket."""


@dataclass(frozen=True, kw_only=True)
class RolesArgs:
    scope: Scope
    github: GitHub
    create_oidc_provider: bool
    state: State


class Roles(ComponentResource):
    """`preview` reads the stack and its state; `deploy` changes them, and neither what this program creates."""

    deploy_arn: Output[str]
    preview_arn: Output[str]
    boundary_arn: Output[str]

    def __init__(self, name: str, args: RolesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:bootstrap:Roles", name, None, opts)
        self._name = name
        self._scope = scope = args.scope
        self._github = args.github
        self._child = ResourceOptions(parent=self)
        arn = f"arn:aws:iam::{scope.account}:oidc-provider/{OIDC_HOST}"
        self._trusted = self._oidc_provider() if args.create_oidc_provider else Output.from_input(arn)

        boundary = self._policy("tasks", iam.document(statements.tasks(scope)))
        read = {
            "read-state": self._policy("read-state", iam.document(_read_state(args.state))),
            **self._policies("read", statements.read(scope)),
        }
        write = {
            "write-state": self._policy("write-state", iam.document(_write_state(args.state))),
            **self._policies("write", statements.write(scope)),
        }
        # Main's own previews need no reviewer; those of pull requests, which run their code, may have some.
        preview = self._role("preview", [f"{scope.stack}-preview", f"{scope.stack}-pull-request"], read)
        deploy = self._role("deploy", [scope.stack], {**read, **write}, max_session=DEPLOY_SESSION)

        self.deploy_arn = deploy.arn
        self.preview_arn = preview.arn
        self.boundary_arn = boundary.arn
        self.register_outputs({"deploy_arn": self.deploy_arn, "preview_arn": self.preview_arn})

    def _oidc_provider(self) -> Output[str]:
        return aws.iam.OpenIdConnectProvider(
            f"{self._name}-github",
            url=f"https://{OIDC_HOST}",
            client_id_lists=[AUDIENCE],
            # Other stacks and repositories of the account may trust it, too.
            opts=ResourceOptions(parent=self, protect=True),
        ).arn

    def _role(
        self,
        kind: str,
        environments: Sequence[str],
        policies: Mapping[str, aws.iam.Policy],
        max_session: int | None = None,
    ) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{self._name}-{kind}",
            name=self._scope.name(kind),
            path=PATH,
            max_session_duration=max_session,
            assume_role_policy=iam.document([_trust(self._trusted, self._github, environments)]),
            opts=self._child,
        )
        for label, policy in policies.items():
            aws.iam.RolePolicyAttachment(
                f"{self._name}-{kind}-{label}",
                role=role.name,
                policy_arn=policy.arn,
                opts=self._child,
            )
        return role

    def _policies(self, kind: str, found: Sequence[Statement]) -> dict[str, aws.iam.Policy]:
        labels = {f"{kind}-{number}": each for number, each in enumerate(statements.documents(found), 1)}
        return {label: self._policy(label, each) for label, each in labels.items()}

    def _policy(self, kind: str, document: Output[str] | str) -> aws.iam.Policy:
        return aws.iam.Policy(
            f"{self._name}-{kind}", name=self._scope.name(kind), path=PATH, policy=document, opts=self._child
        )


def _trust(provider: Output[str], github: GitHub, environments: Sequence[str]) -> Statement:
    """Trusts the jobs of these environments of one repository.

    GitHub puts ids into the subject of repositories created since 15 July 2026:
    https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
    """
    plain = f"{github.owner}/{github.repository}"
    with_ids = f"{github.owner}@{github.owner_id}/{github.repository}@{github.repository_id}"
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{OIDC_HOST}:aud": AUDIENCE,
                f"{OIDC_HOST}:sub": [
                    f"repo:{each}:environment:{environment}"
                    for environment in environments
                    for each in (plain, with_ids)
                ],
            }
        },
    }


def _read_state(state: State) -> list[Statement]:
    """The state of the main program, not of this one: whoever may change that may change these roles.

    https://www.pulumi.com/docs/iac/concepts/state-and-backends/#aws-s3
    """
    return [
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [state.bucket_arn]},
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [*_objects(state), _object(state, "meta.yaml")]},
        {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [state.key_arn]},
    ]


def _write_state(state: State) -> list[Statement]:
    return [{"Effect": "Allow", "Action": ["s3:DeleteObject", "s3:PutObject"], "Resource": _objects(state)}]


def _objects(state: State) -> list[Output[str]]:
    """Checkpoints, history, backups and locks, such as .pulumi/stacks/PROJECT/STACK.json."""
    return [_object(state, f"*/{PROJECT}/*")]


def _object(state: State, key: str) -> Output[str]:
    return Output.concat(state.bucket_arn, f"/.pulumi/{key}")
