"""The engines of RDS, and the names that PostgreSQL and RDS keep for themselves."""

from __future__ import annotations

ENGINES = frozenset(
    """
    aurora-mysql aurora-postgresql custom-oracle-ee custom-oracle-ee-cdb custom-oracle-se2 custom-oracle-se2-cdb
    custom-sqlserver-dev custom-sqlserver-ee custom-sqlserver-se custom-sqlserver-web db2-ae db2-ce db2-se mariadb mysql
    oracle-ee oracle-ee-cdb oracle-se2 oracle-se2-cdb postgres sqlserver-dev-ee sqlserver-ee sqlserver-ex sqlserver-se
    sqlserver-web
    """.split()  # noqa: SIM905, it reads as a list of words
)
KEY_WORDS = frozenset(
    """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
    leading limit localtime localtimestamp not null offset on only or order placing primary references returning select
    session_user some symmetric system_user table then to trailing true union unique user using variadic when where
    window with
    """.split()  # noqa: SIM905, likewise
)
"""The reserved key words: https://www.postgresql.org/docs/current/sql-keywords-appendix.html"""
ROLES = frozenset({"admin", "rdsadmin", "rdsrepladmin", "rds_superuser", "rds_replication"})
"""Names of users that RDS keeps for itself:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html"""
