"""Amounts of USD as text."""

from __future__ import annotations


def usd(amount: float) -> str:
    """As `$1,234.50` or `-$3.65`."""
    cents = round(amount, 2)
    return f"{'-' if cents < 0 else ''}${abs(cents):,.2f}"


def signed(amount: float) -> str:
    """As `+$36.50` or `-$36.50`."""
    return usd(amount) if round(amount, 2) < 0 else f"+{usd(amount)}"


def unit_price(amount: float) -> str:
    """With all digits, as `$0.005`, and two at least."""
    digits = f"{amount:.10f}".rstrip("0")
    return f"${amount:.2f}" if len(digits.partition(".")[2]) < 2 else f"${digits}"


def between(least: float, most: float) -> str:
    """As `$121.29 to $166.33`, or one amount."""
    return usd(least) if round(least, 2) == round(most, 2) else f"{usd(least)} to {usd(most)}"
