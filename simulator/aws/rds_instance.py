"""What RDS refuses of a database instance.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs import types
from simulator.aws.rds_names import ENGINES, KEY_WORDS, ROLES
from simulator.check import Checks
from simulator.cloud import Request, as_list

CREATE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
DELETE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html"
CLASSES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html"
STORAGE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"
VPC = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"
INVALID = "InvalidParameterValue"
COMBINATION = "InvalidParameterCombination"

LEAST_STORAGE = {"gp2": 20, "gp3": 20, "io1": 100, "io2": 100, "standard": 5}
"""GiB for PostgreSQL, by storage type. The greatest is 65536 GiB, of magnetic storage 3072 GiB."""
FAST_STORAGE = 400
"""GiB of gp3 from which IOPS and throughput can be chosen, for PostgreSQL."""
BURSTABLE_SIZES = frozenset({"micro", "small", "medium", "large", "xlarge", "2xlarge"})
"""The sizes of db.t3 and db.t4g."""
FORMER_FAMILIES = frozenset({"t1", "t2", "m1", "m2", "m3", "m4", "r3", "r4"})
"""Families that no version of PostgreSQL from 13 on runs on."""
SOURCES = ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime", "s3Import")
"""Inputs that take the login from another instance or snapshot."""

instance = Checks[Request](types.DB_INSTANCE)


def is_postgres(request: Request) -> bool:
    return request.inputs.get("engine") == "postgres"


def _storage_type(request: Request) -> str:
    """By default io1 if there are IOPS, else gp3: CREATE."""
    return request.inputs.get("storageType") or ("io1" if request.inputs.get("iops") else "gp3")


@instance(CREATE, confirmed="botocore")
def has_an_engine_of_rds(request: Request) -> Iterable[str]:
    """The engine is one that RDS runs. A replica and a restored instance have that of their source."""
    engine = request.inputs.get("engine")
    if engine is None and any(request.inputs.get(each) for each in SOURCES):
        return
    if engine not in ENGINES:
        yield f"{INVALID}: Invalid DB engine: {engine!r} is not one of {', '.join(sorted(ENGINES))}"


@instance(CREATE, confirmed="cfn-lint")
def has_a_version_of_postgresql(request: Request) -> Iterable[str]:
    """A version of PostgreSQL is a major one from 9.6 on, alone or with a minor one: 16, 16.3, 13.22-rds.20250814."""
    version = request.inputs.get("engineVersion")
    if is_postgres(request) and version and not re.fullmatch(r"(9\.6|\d\d)(\.\d+)?([-.][\w.]+)?", version):
        yield f"{INVALID}: Cannot find version {version} for postgres"


@instance(CLASSES, confirmed="cfn-lint")
def has_a_class_that_runs_the_engine(request: Request) -> Iterable[str]:
    """A class is db.family.size; db.t3 and db.t4g end at 2xlarge, and a former family runs no newer PostgreSQL."""
    name = request.inputs.get("instanceClass", "")
    if not (parts := re.fullmatch(r"db\.([a-z]+\d+[a-z-]*|serverless)(\.\d*[a-z]+)?(\.\w+)*", name)):
        yield f"{INVALID}: Invalid DB Instance class: {name}"
        return
    family, size, version = parts[1], (parts[2] or ".").removeprefix("."), request.inputs.get("engineVersion") or ""
    is_unknown_size = family in ("t3", "t4g") and size not in BURSTABLE_SIZES
    if is_unknown_size or (family == "serverless" and is_postgres(request)):
        yield f"{INVALID}: Invalid DB Instance class: {name}"
    if is_postgres(request) and family in FORMER_FAMILIES and re.match(r"1[3-9]|[2-9]\d", version):
        yield (
            f"{COMBINATION}: RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={name}, Engine=postgres, EngineVersion={version}"
        )


@instance(CREATE)
def has_a_valid_name_for_its_first_database(request: Request) -> Iterable[str]:
    """The name of a PostgreSQL database: 1 to 63 letters, digits and underscores, a letter first, no reserved word."""
    name = request.inputs.get("dbName")
    if not is_postgres(request) or not name:
        return
    if not re.fullmatch(r"[A-Za-z]\w{0,62}", name, re.ASCII):
        yield (
            f"{INVALID}: DBName {name!r} must begin with a letter and contain only alphanumeric characters and _, "
            "63 at most"
        )
    elif name.lower() in KEY_WORDS:
        yield f"{INVALID}: DBName {name} cannot be used. It is a reserved word for this engine"


@instance(CREATE)
def has_a_valid_master_user(request: Request) -> Iterable[str]:
    """A new instance has a master user: letters, digits and underscores, a letter first, no reserved word.

    The page has 16 characters for all engines; up to the 63 of PostgreSQL pass here.
    """
    name = request.inputs.get("username")
    if not name and not any(request.inputs.get(each) for each in SOURCES):
        yield f"{INVALID}: The parameter MasterUsername must be provided and must not be blank"
    if not name or not is_postgres(request):
        return
    if not re.fullmatch(r"[A-Za-z]\w{0,62}", name, re.ASCII):
        yield f"{INVALID}: MasterUsername {name!r} is not 1 to 63 letters, digits and underscores, a letter first"
    elif name.lower() in KEY_WORDS | ROLES or name.lower().startswith("pg_"):
        yield f"{INVALID}: MasterUsername {name} cannot be used as it is a reserved word used by the engine"


@instance(CREATE)
def has_one_source_of_its_password(request: Request) -> Iterable[str]:
    """A password is 8 to 128 printable characters without / @ " and space, unless RDS manages it; never both."""
    managed, password = request.inputs.get("manageMasterUserPassword"), request.inputs.get("password")
    if managed and password:
        yield f"{COMBINATION}: MasterUserPassword and ManageMasterUserPassword exclude each other"
    is_given = any(request.inputs.get(each) for each in (*SOURCES, "passwordWo"))
    is_missing = not managed and not is_given
    most = 255 if str(request.inputs.get("engine")).startswith("db2") else 128
    if (password or is_missing) and not re.fullmatch(rf"[!#-.0-?A-~]{{8,{most}}}", str(password or "")):
        yield f'{INVALID}: MasterUserPassword is 8 to {most} printable characters other than / @ " and space'


@instance(CREATE)
def listens_on_a_port_of_rds(request: Request) -> Iterable[str]:
    """The port is 1150 to 65535."""
    port = request.inputs.get("port")
    if port and not 1150 <= port <= 65535:
        yield f"{INVALID}: Invalid port {port:.0f}: 1150 to 65535"


@instance(CREATE)
def has_storage_of_a_valid_size(request: Request) -> Iterable[str]:
    """PostgreSQL has 20 GiB to 64 TiB of gp2 and gp3, from 100 GiB of io1 and io2, 5 GiB to 3 TiB of magnetic."""
    size, kind = request.inputs.get("allocatedStorage"), _storage_type(request)
    if kind not in LEAST_STORAGE and not str(request.inputs.get("engine", "")).startswith("aurora"):
        yield f"{INVALID}: Invalid storage type: {kind}"
    elif size is None and not any(request.inputs.get(each) for each in SOURCES) and is_postgres(request):
        yield f"{INVALID}: The parameter AllocatedStorage must be provided"
    elif size is not None and is_postgres(request):
        least, most = LEAST_STORAGE[kind], 3072 if kind == "standard" else 65536
        if not least <= size <= most:
            yield (
                f"{INVALID}: Invalid storage size for engine name postgres and storage type {kind}: {size:.0f} GiB. "
                f"{least} to {most} GiB"
            )


@instance(STORAGE)
def has_performance_that_its_storage_allows(request: Request) -> Iterable[str]:
    """PostgreSQL has IOPS and throughput of choice with gp3 from 400 GiB on; io1 and io2 need IOPS."""
    size, kind = request.inputs.get("allocatedStorage") or 0, _storage_type(request)
    tuned = [each for each in ("iops", "storageThroughput") if request.inputs.get(each)]
    if is_postgres(request) and kind == "gp3" and tuned and size < FAST_STORAGE:
        yield (
            f"{COMBINATION}: You can't specify IOPS or storage throughput for engine postgres and a storage size less "
            f"than {FAST_STORAGE}: {', '.join(tuned)}"
        )
    if kind in ("io1", "io2") and not request.inputs.get("iops"):
        yield f"{COMBINATION}: storage type {kind} needs iops"


@instance(CREATE)
def has_no_zone_of_its_own_in_two_zones(request: Request) -> Iterable[str]:
    """An instance in two zones names no zone."""
    if request.inputs.get("multiAz") and (zone := request.inputs.get("availabilityZone")):
        yield f"{COMBINATION}: Requesting a specific availability zone is not valid for Multi-AZ instances: {zone}"


@instance(CREATE, confirmed="cfn-lint")
def is_encrypted_if_it_has_a_key(request: Request) -> Iterable[str]:
    """A key without encryption is refused."""
    if request.inputs.get("kmsKeyId") and not request.inputs.get("storageEncrypted"):
        yield f"{COMBINATION}: kmsKeyId needs storageEncrypted"


@instance(DELETE)
def names_its_final_snapshot(request: Request) -> Iterable[str]:
    """A final snapshot is skipped or has a name: 1 to 255 letters, digits and hyphens, a letter first."""
    skip, name = request.inputs.get("skipFinalSnapshot"), request.inputs.get("finalSnapshotIdentifier")
    if not skip and not name:
        yield "final_snapshot_identifier is required when skip_final_snapshot is false"
    if name and not re.fullmatch(r"(?=.{1,255}$)[A-Za-z](-?[0-9A-Za-z])*", name):
        yield (
            f"{INVALID}: finalSnapshotIdentifier {name!r} is not 1 to 255 letters, digits and hyphens, a letter first, "
            "no hyphen last or beside another"
        )


# https://github.com/terraform-aws-modules/terraform-aws-rds/issues/451
@instance(VPC, confirmed="recorded answer")
def is_in_the_vpc_of_its_security_groups(request: Request) -> Iterable[str]:
    """The security groups are in the VPC of the subnet group."""
    vpc = vpc_of(request, request.inputs.get("dbSubnetGroupName"))
    for each in request.visible(types.SECURITY_GROUP):
        if each.id in as_list(request.inputs.get("vpcSecurityGroupIds")) and vpc not in (
            None,
            each.properties["vpcId"],
        ):
            yield (
                f"{COMBINATION}: The DB instance and EC2 security group are in different VPCs: the subnet "
                f"group is in {vpc}, {each.id} in {each.properties['vpcId']}"
            )


@instance(CREATE)
def is_public_only_with_an_internet_gateway(request: Request) -> Iterable[str]:
    """A public instance needs an internet gateway in the VPC of its subnet group."""
    vpc = vpc_of(request, request.inputs.get("dbSubnetGroupName"))
    if request.inputs.get("publiclyAccessible") and vpc and not request.visible(types.INTERNET_GATEWAY, vpcId=vpc):
        yield (
            f"InvalidVPCNetworkStateFault: cannot create a publicly accessible DB instance: {vpc} has no internet "
            "gateway"
        )


def storage(request: Request) -> tuple[float, float]:
    """The allocated storage of the existing instance, 0 if there is none, and the requested one, in GiB."""
    existing = request.existing()
    before = existing.properties.get("allocatedStorage") or 0 if existing else 0
    return before, request.inputs.get("allocatedStorage") or before


def vpc_of(request: Request, group: str | None) -> str | None:
    """The VPC of a subnet group; None if nobody here knows it."""
    subnets = [
        subnet
        for each in request.visible(types.DB_SUBNET_GROUP, name=group)
        for subnet in request.visible(types.SUBNET)
        if subnet.id in as_list(each.properties.get("subnetIds"))
    ]
    return next((each.properties["vpcId"] for each in subnets), None)
