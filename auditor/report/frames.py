"""The only home of pandas: an audit as data frames."""

from typing import Any

from auditor.model import Audit
from auditor.report.base import Options
from auditor.report.rows import DeviceRow, FindingRow, cells, columns, device_rows, finding_rows
from auditor.report.sheets import signed, table


def findings(audit: Audit) -> Any:
    """Return a data frame with one row per finding; its columns are those of the CSV report."""
    import pandas as pd

    return pd.DataFrame([cells(row) for row in finding_rows(audit)], columns=columns(FindingRow), dtype="str")


def devices(audit: Audit) -> Any:
    """Return a data frame with one row per device."""
    import pandas as pd

    return pd.DataFrame([cells(row) for row in device_rows(audit)], columns=columns(DeviceRow), dtype="str")


def count_frame(audit: Audit) -> Any:
    """Return the findings of each site by tier, maker, category and model, with their sum."""
    import pandas as pd

    frame = findings(audit)
    verdicts = ["confirmed", "probable", "possible"]
    by = ["site", "tier", "maker", "category", "model"]
    counts = (
        pd.crosstab([frame[name] for name in by], frame["verdict"]) if len(frame) else pd.DataFrame(columns=verdicts)
    )
    counts = counts.reindex(columns=verdicts, fill_value=0).astype(int)
    counts["findings"] = counts.sum(axis=1)
    return counts.reset_index() if len(frame) else pd.DataFrame(columns=[*by, *verdicts, "findings"])


def as_counts_csv(audit: Audit, _options: Options) -> bytes:
    """Return the counts by site, maker, category and model as CSV."""
    frame = count_frame(audit)
    rows = ([str(value) for value in row] for row in frame.itertuples(index=False))
    return table(*signed(list(frame.columns), rows))
