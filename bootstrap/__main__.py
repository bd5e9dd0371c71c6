"""Creates what CI needs to deploy one stack: the state's bucket and key, and the roles of GitHub's workflows."""

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws

# Pulumi starts the program in its own folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bootstrap import settings
from bootstrap.roles import Roles, RolesArgs
from bootstrap.state import State, StateArgs

configured = settings.running_stack(Path(__file__).resolve().parent.parent)
scope = configured.scope

provider = aws.Provider(
    "aws",
    region=scope.region,
    allowed_account_ids=[scope.account],
    default_tags=aws.ProviderDefaultTagsArgs(
        tags={"project": pulumi.get_project(), "stack": pulumi.get_stack(), "managed-by": "pulumi"}
    ),
)
on_aws = pulumi.ResourceOptions(providers=[provider])

state = State("state", StateArgs(bucket_name=configured.settings.state_bucket, alias=scope.name("pulumi")), on_aws)
roles = Roles(
    "ci",
    RolesArgs(
        scope=scope,
        github=configured.settings.github,
        create_oidc_provider=configured.settings.create_oidc_provider,
        state=state,
    ),
    on_aws,
)

pulumi.export("backend", pulumi.Output.concat("s3://", state.bucket_name, f"?region={scope.region}"))
pulumi.export("secrets-provider", pulumi.Output.concat("awskms:///", state.key_arn, f"?region={scope.region}"))
pulumi.export("deploy", roles.deploy_arn)
pulumi.export("preview", roles.preview_arn)
pulumi.export("region", scope.region)
pulumi.export("permissions-boundary", roles.boundary_arn)
