"""The services of Marginalia, one entry per service.

To add a service, add an entry: its repository, roles, security group rules, environment variables and Service Connect
name are derived from it. A stack file sets its size and the ARNs of its secrets. docs/services.md documents the fields
of an entry.
"""

from config.catalogue import Entry

SERVICES = (
    Entry(name="authsvc", port=9001, database=True, migrate=True),
    Entry(name="promptsvc", port=9002, database=True, migrate=True, bucket=True),
    Entry(name="scrapsvc", port=9003, database=True, migrate=True, bucket=True),
    Entry(name="chatsvc", port=9004, database=True, migrate=True),
    Entry(
        name="mcp",
        port=8080,
        protocol="http",
        public=True,
        calls=("authsvc", "promptsvc", "scrapsvc", "chatsvc"),
    ),
)
