"""What Marginalia runs: one entry a service.

Adding a service is adding an entry here: its repository, roles, security group rules, environment variables and
Service Connect name follow from it. A stack file sets its size and the ARNs of its secrets. The fields of an entry are
described in config/catalogue.py.
"""

from config.catalogue import Entry

SERVICES = (
    Entry(name="authsvc", port=9001, database=True),
    Entry(name="promptsvc", port=9002, database=True, bucket=True),
    Entry(name="scrapsvc", port=9003, database=True, bucket=True),
    Entry(name="chatsvc", port=9004, database=True),
    Entry(
        name="mcp",
        port=8080,
        protocol="http",
        public=True,
        calls=("authsvc", "promptsvc", "scrapsvc", "chatsvc"),
    ),
)
