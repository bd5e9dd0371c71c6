"""What AWS refuses of single types: changes of what the programs deploy, each refused for its cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from ecs import types
from simulator.store import Properties, Store
from tests.bootstrapped import bootstrap
from tests.program.mutations import Change, assert_refused, deployed, mutate, put, refusals
from tests.unit.simulator.world import World

DATABASE = "database-instance"
GROUP = "database-subnets"
RULES = Callable[[list[Any]], object]


def rules(change: RULES) -> Change:
    """A change of the rules of a bucket's setting."""
    return lambda properties: change(properties["rules"])


def lifecycle(change: RULES) -> Change:
    """A change of the rules of an ECR lifecycle policy."""

    def apply(properties: Properties) -> None:
        document = json.loads(properties["policy"])
        change(document["rules"])
        properties["policy"] = json.dumps(document)

    return apply


def selection(**values: Any) -> Change:
    return lifecycle(lambda found: found[0]["selection"].update(values))


def in_another_vpc(properties: Properties) -> None:
    properties["vpcId"] = "vpc-00000000000000000"


REPOSITORY = "authsvc-image-repository"
LIFECYCLE = "authsvc-image-lifecycle"
LOGS = "authsvc-task-logs"
TAGGED = {"tagStatus": "tagged", "tagPrefixList": ["v"], "tagPatternList": ["v*"]}
RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
    "action": {"type": "expire"},
}

REFUSED: dict[str, tuple[str, Change, str]] = {
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    "identifier with two hyphens": (DATABASE, put(identifier="mrgnl--db"), "identifier 'mrgnl--db' does not match"),
    "identifier that begins with a digit": (DATABASE, put(identifier="1mrgnl"), "identifier '1mrgnl' does not match"),
    "identifier of 64 letters": (DATABASE, put(identifier="m" * 64), "has more than 63 characters"),
    "no engine": (DATABASE, put(engine=None), "InvalidParameterValue: Invalid DB engine: None"),
    "another engine": (DATABASE, put(engine="postgresql"), "Invalid DB engine: 'postgresql' is not one of"),
    "no class": (DATABASE, put(instanceClass=None), "instanceClass is required"),
    "a class of EC2": (DATABASE, put(instanceClass="t4g.micro"), "Invalid DB Instance class: t4g.micro"),
    "a size that RDS does not have": (DATABASE, put(instanceClass="db.t4g.nano"), "DB Instance class: db.t4g.nano"),
    "a class of former times": (DATABASE, put(instanceClass="db.t2.micro"), "DBInstanceClass=db.t2.micro, Engine=post"),
    "a version in words": (DATABASE, put(engineVersion="latest"), "Cannot find version latest for postgres"),
    "a version of one digit": (DATABASE, put(engineVersion="6"), "Cannot find version 6 for postgres"),
    "database with a hyphen": (DATABASE, put(dbName="my-db"), "DBName 'my-db' must begin with a letter"),
    "database that begins with a digit": (DATABASE, put(dbName="1db"), "DBName '1db' must begin with a letter"),
    "database that is a key word": (DATABASE, put(dbName="user"), "DBName user cannot be used"),
    "no user": (DATABASE, put(username=None), "MasterUsername must be provided"),
    "user that is reserved": (DATABASE, put(username="admin"), "MasterUsername admin cannot be used"),
    "user that is RDS's own": (DATABASE, put(username="rdsadmin"), "MasterUsername rdsadmin cannot be used"),
    "user that is PostgreSQL's own": (DATABASE, put(username="pg_me"), "MasterUsername pg_me cannot be used"),
    "user with a hyphen": (DATABASE, put(username="a-b"), "username 'a-b' does not match"),
    "no password": (DATABASE, put(password=None), "MasterUserPassword is 8 to 128"),
    "two passwords": (DATABASE, put(manageMasterUserPassword=True), "ManageMasterUserPassword exclude each other"),
    "port below the range": (DATABASE, put(port=80.0), "Invalid port 80: 1150 to 65535"),
    "port above the range": (DATABASE, put(port=65536.0), "Invalid port 65536"),
    "no storage": (DATABASE, put(allocatedStorage=None), "AllocatedStorage must be provided"),
    "too little storage": (DATABASE, put(allocatedStorage=10.0), "type gp3: 10 GiB. 20 to 65536 GiB"),
    "too much storage": (DATABASE, put(allocatedStorage=65537.0), "type gp3: 65537 GiB"),
    "too little fast storage": (DATABASE, put(storageType="io1", iops=1000.0), "type io1: 20 GiB. 100 to"),
    "fast storage without IOPS": (DATABASE, put(storageType="io2", allocatedStorage=100.0), "io2 needs iops"),
    "IOPS of a small volume": (DATABASE, put(iops=3000.0), "storage size less than 400: iops"),
    "another storage": (DATABASE, put(storageType="gp9"), "Invalid storage type: gp9"),
    "logs of another engine": (DATABASE, put(enabledCloudwatchLogsExports=["error"]), "cannot use the log types"),
    "advanced insights for a week": (DATABASE, put(databaseInsightsMode="advanced"), "needs 465 days, not 7"),
    "parameters of another version": (
        DATABASE,
        put(engineVersion="17"),
        "DBParameterGroupFamily postgres16 cannot be used for this instance",
    ),
    "a static parameter at once": (
        "database-parameters",
        put(parameters=[{"name": "max_connections", "value": "50", "applyMethod": "immediate"}]),
        "cannot use immediate apply method for static parameter: max_connections",
    ),
    "backups for 36 days": (DATABASE, put(backupRetentionPeriod=36.0), "Invalid backup retention period: 36 days"),
    "backups for -1 days": (DATABASE, put(backupRetentionPeriod=-1.0), "backupRetentionPeriod -1 is less than 0"),
    "backup window in words": (DATABASE, put(backupWindow="night"), "is not in UTC as hh24:mi-hh24:mi"),
    "backup window of 29 minutes": (DATABASE, put(backupWindow="03:00-03:29"), "at least 30 minutes"),
    "maintenance window without a day": (DATABASE, put(maintenanceWindow="03:00-04:00"), "ddd:hh24:mi-ddd:hh24:mi"),
    "maintenance during the backup": (
        DATABASE, put(backupWindow="23:30-00:30", maintenanceWindow="tue:00:00-tue:01:00"), "must not overlap"),
    "one zone of two": (DATABASE, put(multiAz=True, availabilityZone="us-east-1a"), "not valid for Multi-AZ"),
    "monitoring without a role": (DATABASE, put(monitoringInterval=60.0), "MonitoringRoleARN value is required"),
    "monitoring every 7 seconds": (DATABASE, put(monitoringInterval=7.0), "Invalid monitoring interval 7"),
    "role without monitoring": (
        DATABASE, put(monitoringRoleArn="arn:aws:iam::000000000000:role/rds"), "MonitoringInterval value other than 0"),
    "key without encryption": (
        DATABASE, put(storageEncrypted=False, kmsKeyId="arn:aws:kms:us-east-1:000000000000:key/1"),
        "kmsKeyId needs storageEncrypted"),
    "no final snapshot": (DATABASE, put(skipFinalSnapshot=False), "final_snapshot_identifier is required"),
    "final snapshot that ends with a hyphen": (
        DATABASE, put(finalSnapshotIdentifier="last-"), "finalSnapshotIdentifier 'last-' is not"),
    "security group of another VPC": ("database-access-group", in_another_vpc, "EC2 security group are in different"),
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
    "subnet group in one zone": (GROUP, lambda found: found["subnetIds"].pop(), "NotCoverEnoughAZs"),
    "subnet group named default": (GROUP, put(name="default"), "the name 'default' is not"),
    "subnet group in capitals": (GROUP, put(name="Mrgnl"), "the name 'Mrgnl' is not"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "bucket in capitals": ("bucket-bucket", put(bucket="Content"), "bucket 'Content' does not match"),
    "bucket of two letters": ("bucket-bucket", put(bucket="ab"), "InvalidBucketName"),
    "bucket with two dots": ("bucket-bucket", put(bucket="a..b"), "InvalidBucketName"),
    "bucket that is an address": ("bucket-bucket", put(bucket="192.168.5.4"), "192.168.5.4 is an IP address"),
    "bucket with a reserved prefix": ("bucket-bucket", put(bucket="xn--content"), "begins or ends with one of xn--"),
    "bucket with a reserved suffix": ("bucket-bucket", put(bucket="content-s3alias"), "begins or ends with one of"),
    "versions that are on": ("bucket-versioning", put(versioningConfiguration={"status": "On"}), "status 'On' is not"),
    "encryption by no rule": ("bucket-encryption", put(rules=[]), "MalformedXML: a bucket has one rule of encryption"),
    "encryption by another algorithm": (
        "bucket-encryption", rules(lambda found: found[0]["applyServerSideEncryptionByDefault"].update(
            sseAlgorithm="AES-256")), "sseAlgorithm 'AES-256' is not one of aws:kms, AES256"),
    "a key for AES256": (
        "bucket-encryption", rules(lambda found: found[0]["applyServerSideEncryptionByDefault"].update(
            kmsMasterKeyId="alias/content")), "InvalidArgument: a KMSMasterKeyID is not applicable"),
    "two rules with one ID": (
        "bucket-lifecycle", rules(lambda found: found.append(found[0])), "Found same ID for more than one rule: left"),
    "a rule that is on": (
        "bucket-lifecycle", rules(lambda found: found[0].update(status="On")), "rules[0].status 'On' is not one of"),
    "a rule without an action": (
        "bucket-lifecycle", put(rules=[{"id": "all", "status": "Enabled", "filter": {"prefix": ""}}]),
        "MalformedXML: the rule all has no action"),
    "expiry after no day": (
        "bucket-lifecycle", rules(lambda found: found[0].update(noncurrentVersionExpiration={"noncurrentDays": 0.0})),
        "'noncurrentDays' for noncurrentVersionExpiration must be a positive integer: 0"),
    "a filter with two conditions": (
        "bucket-lifecycle", rules(lambda found: found[0].update(filter={"prefix": "a", "objectSizeLessThan": 9.0})),
        "has several conditions outside of `and`"),
    "public access neither blocked nor not": ("bucket-private", put(blockPublicAcls="maybe"), "'maybe' is text, not"),
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    "secret with a space": ("database-url", put(name="database url"), "ValidationException: Invalid name"),
    "secret gone after 3 days": ("database-url", put(recoveryWindowInDays=3.0), "3 is neither 0 nor 7 to 30"),
    "secret gone after 31 days": ("database-url", put(recoveryWindowInDays=31.0), "31 is neither 0 nor 7 to 30"),
    "secret without a value": ("database-url-version", put(secretString=None), "there is neither"),
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    "log group with a space": (LOGS, put(name="/ecs/mrgnl authsvc"), "does not match"),
    "log group of AWS": (LOGS, put(name="aws/ecs"), "are reserved for AWS: aws/ecs"),
    "logs for 31 days": (LOGS, put(retentionInDays=31.0), "retentionInDays 31 is not one of"),
    # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    "repository in capitals": (REPOSITORY, put(name="Authsvc"), "name 'Authsvc' does not match"),
    "mutability of another kind": (REPOSITORY, put(imageTagMutability="FROZEN"), "imageTagMutability 'FROZEN' is not"),
    "excluded tags without exclusion": (REPOSITORY, put(imageTagMutability="IMMUTABLE"), "IMMUTABLE has no imageTag"),
    "excluded tags by another filter": (
        REPOSITORY, put(imageTagMutabilityExclusionFilters=[{"filter": "working", "filterType": "REGEX"}]),
        "filterType 'REGEX' is not one of WILDCARD"),
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    "no JSON": (LIFECYCLE, put(policy="-" * 100), "the policy is not a JSON object with a list of rules"),
    "no rules": (LIFECYCLE, put(policy=json.dumps({"rules": [], "comment": "-" * 100})), "with a list of rules"),
    "priority zero": (LIFECYCLE, lifecycle(lambda found: found[0].update(rulePriority=0)), "rulePriority 0 is not"),
    "one priority twice": (LIFECYCLE, lifecycle(lambda found: found.append(found[0])), "rulePriority 1 is not unique"),
    "another action": (
        LIFECYCLE, lifecycle(lambda found: found[0].update(action={"type": "delete"})), "the action 'delete' of rule"),
    "another tag status": (LIFECYCLE, selection(tagStatus="all"), "tagStatus 'all' of rule 1 is not one of any,"),
    "tagged without tags": (LIFECYCLE, selection(tagStatus="tagged"), "tagPatternList or tagPrefixList: it has []"),
    "two lists of tags": (LIFECYCLE, selection(**TAGGED), "it has ['tagPatternList', 'tagPrefixList']"),
    "untagged with tags": (LIFECYCLE, selection(tagPrefixList=["v"]), "selects untagged images and has tagPrefixList"),
    "five wildcards": (
        LIFECYCLE, selection(tagStatus="tagged", tagPatternList=["*a*b*c*d*"]), "has more than 4 wildcards"),
    "all images first": (
        LIFECYCLE, lifecycle(lambda found: [found[0].update(rulePriority=5), found.append(RULE)]),
        "rule 1 selects any image and is not the last one, rule 5"),
    "another count": (LIFECYCLE, selection(countType="images"), "countType 'images' of rule 1 is not one of"),
    "days of a number of images": (LIFECYCLE, selection(countUnit="days"), "of rule 1 has no countUnit: 'days'"),
    "an age without a unit": (LIFECYCLE, selection(countType="sinceImagePushed"), "of rule 1 needs countUnit days"),
    "no image": (LIFECYCLE, selection(countNumber=0), "countNumber 0 of rule 1 is not a whole number from 1 on"),
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html
    "namespace with a space": ("cluster-namespace", put(name="mr gnl"), "name 'mr gnl' does not match"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_change_of_the_program_is_refused_for_its_cause(name: str, change: Change, reason: str) -> None:
    world = deployed()
    mutate(world, name, change)
    assert_refused(world, reason)


ACCEPTED: dict[str, tuple[str, Change]] = {
    "a minor version": (DATABASE, put(engineVersion="16.3")),
    "another class": (DATABASE, put(instanceClass="db.m7g.large")),
    "a replica's login": (DATABASE, put(replicateSourceDb="other", username=None, password=None)),
    "RDS manages the password": (DATABASE, put(password=None, manageMasterUserPassword=True)),
    "windows apart": (DATABASE, put(backupWindow="23:30-00:00", maintenanceWindow="tue:00:00-tue:01:00")),
    "fast large storage": (DATABASE, put(allocatedStorage=400.0, iops=12000.0)),
    "fast storage by default": (DATABASE, put(storageType=None, allocatedStorage=100.0, iops=1000.0)),
    "a database with the name of a role": (DATABASE, put(dbName="admin")),
    "logs for ever": (LOGS, put(retentionInDays=0.0)),
    "versions suspended": ("bucket-versioning", put(versioningConfiguration={"status": "Suspended"})),
    "untagged for days": (LIFECYCLE, selection(countType="sinceImagePushed", countUnit="days")),
    "a secret kept for a month": ("database-url", put(recoveryWindowInDays=30.0)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_change_that_aws_takes_is_accepted(name: str, change: Change) -> None:
    world = deployed()
    mutate(world, name, change)
    assert refusals(world) == []


@cache
def _bootstrap() -> tuple[Any, ...]:
    return tuple(bootstrap().objects)


POLICY = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}]}
BOOTSTRAP: dict[str, tuple[str, Change, str]] = {
    "alias without its prefix": (types.KMS_ALIAS, put(name="marginalia"), "name 'marginalia' does not match"),
    "alias of AWS": (types.KMS_ALIAS, put(name="alias/aws/marginalia"), "alias/aws/ is reserved for AWS"),
    "key gone after 3 days": (types.KMS_KEY, put(deletionWindowInDays=3.0), "deletionWindowInDays 3 is less than 7"),
    "key that signs": (types.KMS_KEY, put(keyUsage="SIGN_VERIFY"), "SIGN_VERIFY is not compatible with KeySpec SYMM"),
    "key that nobody can administer": (types.KMS_KEY, put(policy=json.dumps(POLICY)), "kms:PutKeyPolicy to account"),
    "key with a malformed policy": (types.KMS_KEY, put(policy="{"), "MalformedPolicyDocumentException: the key policy"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "reason"), BOOTSTRAP.values(), ids=BOOTSTRAP)
def test_a_change_of_the_bootstrap_program_is_refused_for_its_cause(kind: str, change: Change, reason: str) -> None:
    world = World(store=Store(":memory:"))
    for each in _bootstrap():
        world.store.put(each)
    mutate(world, world.store.find(kind)[0].urn, change)
    assert_refused(world, reason)
