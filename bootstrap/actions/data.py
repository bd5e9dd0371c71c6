"""RDS, S3 and Secrets Manager."""

from __future__ import annotations

from bootstrap.actions.row import Row, each
from ecs import types

_BUCKET, _KNOWN, _LOGS = "arn:aws:s3:::{bucket}", {"bucket": "{bucket}"}, ("arn:aws:s3:::{log_bucket}",)
_RDS_TAGS = each("rds", "AddTagsToResource RemoveTagsFromResource")
_MANAGED = each("secretsmanager", "CreateSecret TagResource")
_SUBNETS = "arn:aws:rds:{region}:{account}:subgrp:{name}"

ROWS = (
    Row(  # the provider finds an instance by a filter, which is a request for all of them
        type=types.DB_INSTANCE,
        arn="arn:aws:rds:{region}:{account}:db:*",
        read=each("rds", "DescribeDBInstances"),
    ),
    Row(
        type=types.DB_INSTANCE,
        arn="arn:aws:rds:{region}:{account}:db:{identifier}",
        known={"identifier": "{prefix}"},
        # Its groups, which are AWS's own, and the snapshot that it leaves.
        also=(
            "arn:aws:rds:{region}:{account}:og:default:*",
            "arn:aws:rds:{region}:{account}:pg:default.*",
            "arn:aws:rds:{region}:{account}:pg:database-parameters-*",
            "arn:aws:rds:{region}:{account}:subgrp:database-subnets-*",
            "arn:aws:rds:{region}:{account}:snapshot:{prefix}-final-*",
        ),
        create=each("rds", "CreateDBInstance"),
        tag=_RDS_TAGS,
        update={"*": each("rds", "ModifyDBInstance")},
        # The final snapshot:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html (dependent actions)
        delete=each("rds", "CreateDBSnapshot DeleteDBInstance"),
    ),
    # The secret of a master user whose password RDS manages. Its name has an ID that RDS gives the instance.
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
    Row(
        type=types.DB_INSTANCE,
        arn="arn:aws:secretsmanager:{region}:{account}:secret:rds!db-*",
        create=_MANAGED,
        update={"manageMasterUserPassword": _MANAGED},
    ),
    Row(
        type=types.DB_INSTANCE,
        arn="arn:aws:kms:{region}:{account}:key/*",
        create=each("kms", "DescribeKey"),
        update={"manageMasterUserPassword": each("kms", "DescribeKey")},
    ),
    Row(
        type=types.DB_SUBNET_GROUP,
        arn=_SUBNETS,
        known={"name": "database-subnets-*"},
        read=each("rds", "DescribeDBSubnetGroups ListTagsForResource"),
        create=each("rds", "CreateDBSubnetGroup"),
        tag=_RDS_TAGS,
        update={"*": each("rds", "ModifyDBSubnetGroup")},
        delete=each("rds", "DeleteDBSubnetGroup"),
    ),
    Row(
        type=types.DB_PARAMETER_GROUP,
        arn="arn:aws:rds:{region}:{account}:pg:{name}",
        known={"name": "database-parameters-*"},
        read=each("rds", "DescribeDBParameterGroups DescribeDBParameters ListTagsForResource"),
        create=each("rds", "CreateDBParameterGroup ModifyDBParameterGroup"),
        tag=_RDS_TAGS,
        # A parameter that is no longer set is reset.
        update={"parameters": each("rds", "ModifyDBParameterGroup ResetDBParameterGroup")},
        delete=each("rds", "DeleteDBParameterGroup"),
    ),
    # The provider reads each setting of a bucket, also those that the program does not set.
    Row(
        type=types.BUCKET,
        arn=_BUCKET,
        known=_KNOWN,
        also=_LOGS,
        read=(
            *each("s3", "GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLogging"),
            *each("s3", "GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketTagging"),
            *each("s3", "GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration"),
            *each("s3", "GetReplicationConfiguration ListBucket"),
        ),
        create=each("s3", "CreateBucket"),
        tag=each("s3", "PutBucketTagging TagResource"),
        delete=each("s3", "DeleteBucket"),
    ),
    Row(
        type=types.BUCKET_VERSIONING,
        arn=_BUCKET,
        known=_KNOWN,
        also=_LOGS,
        read=each("s3", "GetBucketVersioning"),
        create=each("s3", "PutBucketVersioning"),
        update={"*": each("s3", "PutBucketVersioning")},
        delete=each("s3", "PutBucketVersioning"),
    ),
    Row(
        type=types.BUCKET_ENCRYPTION,
        arn=_BUCKET,
        known=_KNOWN,
        also=_LOGS,
        read=each("s3", "GetEncryptionConfiguration"),
        create=each("s3", "PutEncryptionConfiguration"),
        update={"*": each("s3", "PutEncryptionConfiguration")},
        delete=each("s3", "PutEncryptionConfiguration"),
    ),
    Row(
        type=types.BUCKET_LIFECYCLE,
        arn=_BUCKET,
        known=_KNOWN,
        also=_LOGS,
        read=each("s3", "GetLifecycleConfiguration"),
        create=each("s3", "PutLifecycleConfiguration"),
        update={"*": each("s3", "PutLifecycleConfiguration")},
        delete=each("s3", "PutLifecycleConfiguration"),
    ),
    Row(
        type=types.BUCKET_PUBLIC_ACCESS,
        arn=_BUCKET,
        known=_KNOWN,
        also=_LOGS,
        read=each("s3", "GetBucketPublicAccessBlock"),
        create=each("s3", "PutBucketPublicAccessBlock"),
        update={"*": each("s3", "PutBucketPublicAccessBlock")},
        delete=each("s3", "PutBucketPublicAccessBlock"),
    ),
    Row(
        type=types.BUCKET_POLICY,
        arn=_BUCKET,
        known=_KNOWN,
        also=_LOGS,
        read=each("s3", "GetBucketPolicy"),
        create=each("s3", "PutBucketPolicy"),
        update={"*": each("s3", "PutBucketPolicy")},
        delete=each("s3", "DeleteBucketPolicy"),
    ),
    Row(
        type=types.SECRET,
        # Without the six characters at its end: a secret that is created has none yet.
        arn="arn:aws:secretsmanager:{region}:{account}:secret:{name}*",
        known={"name": "database-url-"},
        read=each("secretsmanager", "DescribeSecret GetResourcePolicy"),
        create=each("secretsmanager", "CreateSecret"),
        tag=each("secretsmanager", "TagResource UntagResource"),
        delete=each("secretsmanager", "DeleteSecret"),
    ),
    Row(  # components/task_hook.py reads the history before each change
        type=types.PARAMETER,
        arn="arn:aws:ssm:{region}:{account}:parameter{name}",
        known={"name": "/marginalia/{prefix}/*"},
        read=each("ssm", "DescribeParameters GetParameter ListTagsForResource"),
        create=each("ssm", "GetParameterHistory PutParameter"),
        tag=each("ssm", "AddTagsToResource RemoveTagsFromResource"),
        update={"*": each("ssm", "GetParameterHistory PutParameter")},
        delete=each("ssm", "DeleteParameter"),
    ),
    Row(  # `retain_on_delete`: the provider never deletes a version
        type=types.SECRET_VERSION,
        arn="{secretId}",
        known={"secretId": "arn:aws:secretsmanager:{region}:{account}:secret:database-url-*-??????"},
        read=each("secretsmanager", "GetSecretValue ListSecretVersionIds"),
        create=each("secretsmanager", "PutSecretValue"),
    ),
)
