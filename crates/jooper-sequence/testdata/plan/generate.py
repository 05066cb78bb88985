"""Works out when mails are due, independently of the planner.

    python3 -m venv venv && venv/bin/pip install holidays tzdata
    venv/bin/python generate.py     # writes plan.csv and holidays.csv beside this file

Civil time comes from Python's zoneinfo; public holidays from the `holidays` package. A slot is found
by walking through UTC minute by minute and asking what the clock on the wall says: nothing here knows
about gaps, folds or transitions, which is the point.
"""

import csv
import datetime as dt
import pathlib
import zoneinfo

import holidays

UTC = dt.timezone.utc
HERE = pathlib.Path(__file__).parent

ZONES = """
Europe/Berlin Europe/London Europe/Lisbon Europe/Athens Europe/Helsinki Europe/Moscow Europe/Dublin
Europe/Istanbul Atlantic/Azores Atlantic/Reykjavik Africa/Cairo Africa/Lagos Africa/Johannesburg
Africa/Nairobi America/New_York America/Chicago America/Denver America/Phoenix America/Los_Angeles
America/Anchorage Pacific/Honolulu America/St_Johns America/Halifax America/Havana America/Sao_Paulo
America/Santiago America/Bogota America/Caracas Asia/Jerusalem Asia/Dubai Asia/Kolkata Asia/Kathmandu
Asia/Singapore Asia/Tokyo Australia/Sydney Australia/Adelaide Australia/Lord_Howe Pacific/Auckland
Pacific/Chatham Pacific/Apia
""".split()

# Weekdays from Monday = 0, then from and to.
SCHEDULES = {
    "office": [(range(5), (9, 0), (17, 0))],
    "night": [(range(7), (1, 30), (2, 30))],
    "split": [(range(5), (8, 30), (12, 0)), (range(5), (13, 30), (18, 0)), ([5], (10, 0), (12, 0))],
}

CALENDARS = {
    "DE-BY": lambda years: holidays.country_holidays("DE", subdiv="BY", years=years, categories=("public", "catholic")),
    "FR": lambda years: holidays.country_holidays("FR", years=years),
    "US": lambda years: holidays.country_holidays("US", years=years),
}
DAYS_OFF = {name: set(make(range(2026, 2030))) for name, make in CALENDARS.items()}
DAYS_OFF[""] = set()


def windows(schedule, day):
    return [(dt.time(*f), dt.time(*t)) for days, f, t in SCHEDULES[schedule] if day.weekday() in days]


def open_at(schedule, calendar, wall):
    day = wall.date()
    return day not in DAYS_OFF[calendar] and any(f <= wall.time() < t for f, t in windows(schedule, day))


def slot(schedule, calendar, zone, start):
    at = start
    while not open_at(schedule, calendar, at.astimezone(zone)):
        at = at.replace(second=0) + dt.timedelta(minutes=1)
    return at


def delayed(schedule, calendar, zone, start, amount, unit):
    if amount == 0:
        return start
    if unit == "hours":
        return start + dt.timedelta(hours=amount)
    wall = start.astimezone(zone)
    day = wall.date()
    if unit == "days":
        day += dt.timedelta(days=amount)
    else:
        while amount:
            day += dt.timedelta(days=1)
            amount -= bool(windows(schedule, day)) and day not in DAYS_OFF[calendar]
    # fold=0 in a gap means the offset before it: the instant is as much later as the gap is long.
    return dt.datetime.combine(day, wall.time(), zone).replace(fold=0).astimezone(UTC)


def transitions(zone):
    """The changes of the clocks from October 2026 on, to the minute; two dates where there are none."""
    at = dt.datetime(2026, 9, 15, tzinfo=UTC)
    found = []
    while len(found) < 2 and at.year < 2028:
        later = at + dt.timedelta(hours=1)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            minute = at
            while minute.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
                minute += dt.timedelta(minutes=1)
            found.append(minute)
        at = later
    return found or [dt.datetime(2026, 10, 25, 1, tzinfo=UTC), dt.datetime(2027, 3, 28, 1, tzinfo=UTC)]


def cases(zone):
    for change in transitions(zone):
        for hours, minutes in [(-30, 7), (-24, 0), (-1, -15), (0, -20), (0, 20), (0, 50)]:
            start = change + dt.timedelta(hours=hours, minutes=minutes, seconds=13)
            for schedule, amount, unit in [
                ("office", 0, "hours"), ("office", 1, "days"), ("office", 2, "working days"),
                ("night", 0, "hours"), ("night", 1, "days"), ("night", 24, "hours"), ("split", 1, "working days"),
            ]:
                yield start, schedule, "", amount, unit
    for month, day in [(2, 27), (2, 28), (2, 29)]:
        start = dt.datetime(2028, month, day, 10, 41, 7, tzinfo=UTC)
        for schedule, amount, unit in [("office", 1, "days"), ("split", 2, "days"), ("office", 2, "working days")]:
            yield start, schedule, "", amount, unit
    if ZONES.index(zone.key) % 4:
        return
    feasts = [(2026, 12, 23), (2026, 12, 31), (2027, 3, 25), (2027, 5, 5), (2027, 7, 2), (2026, 11, 25), (2027, 8, 13), (2027, 11, 1)]
    for year, month, day in feasts:
        start = dt.datetime(year, month, day, 14, 2, 59, tzinfo=UTC)
        for calendar in ["DE-BY", "FR", "US"]:
            yield start, "office", calendar, 1, "working days"
            yield start + dt.timedelta(days=1), "split", calendar, 0, "hours"


def stamp(at):
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    with open(HERE / "plan.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["zone", "schedule", "calendar", "from", "delay", "due"])
        for name in ZONES:
            zone = zoneinfo.ZoneInfo(name)
            for start, schedule, calendar, amount, unit in cases(zone):
                due = delayed(schedule, calendar, zone, start, amount, unit)
                due = slot(schedule, calendar, zone, due)
                out.writerow([name, schedule, calendar, stamp(start), f"{amount} {unit}", stamp(due)])
    years = range(2024, 2034)
    states = "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH".split()
    regions = {"DE": holidays.country_holidays("DE", years=years)}
    for state in states:
        categories = ("public", "catholic") if state == "BY" else ("public",)
        regions[f"DE-{state}"] = holidays.country_holidays("DE", subdiv=state, years=years, categories=categories)
    regions["FR"] = holidays.country_holidays("FR", years=years)
    regions["FR-57"] = holidays.country_holidays("FR", subdiv="57", years=years)
    # Bas-Rhin and Haut-Rhin, which that package lists as one: the European collectivity of Alsace.
    for department in ("67", "68"):
        regions[f"FR-{department}"] = holidays.country_holidays("FR", subdiv="6AE", years=years)
    regions["US"] = holidays.country_holidays("US", years=years)
    with open(HERE / "holidays.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["region", "day"])
        for region, days in regions.items():
            for day in sorted(days):
                # What falls on a Sunday changes no plan, and is listed by some states only.
                if day.weekday() < 6 and day.year in years:
                    out.writerow([region, day.isoformat()])


if __name__ == "__main__":
    main()
