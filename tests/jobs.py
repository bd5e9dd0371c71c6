"""The jobs of tests that need some: one by a schedule, and one with an image of its own."""

from config.catalogue import Job

JOBS = (
    Job(
        name="cleanup",
        image="authsvc",
        command=("-cleanup",),
        database=True,
        schedule="cron(0 3 * * ? *)",
        time_zone="Europe/Berlin",
    ),
    Job(name="export", bucket=True, environment={"FORMAT": "csv"}),
)
