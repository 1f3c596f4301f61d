"""CSV to Parquet with pandas: clean.py CSV PARQUET pandas|pyarrow. Prints its peak memory in bytes."""

import resource
import sys

import pandas

source, target, engine = sys.argv[1:]
# As the schema of steplab's stage has them; an empty field is missing, "NA" is somebody's name.
WHOLE = [
    "id",
    "host_id",
    "minimum_nights",
    "number_of_reviews",
    "calculated_host_listings_count",
    "availability_365",
]


def read_with_pandas():
    types = {name: "int64" for name in WHOLE} | {"price": "float64"}
    rows = pandas.read_csv(source, dtype=types, keep_default_na=False, na_values=[""])
    rows["last_review"] = pandas.to_datetime(rows["last_review"], format="%Y-%m-%d")
    return rows


def read_with_pyarrow():
    # Not by pandas' engine="pyarrow": that one cannot read line breaks within quotes.
    import pyarrow
    from pyarrow import csv

    types = {name: pyarrow.int64() for name in WHOLE}
    types |= {"price": pyarrow.float64(), "last_review": pyarrow.timestamp("ms")}
    return csv.read_csv(
        source,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True
        ),
    ).to_pandas()


listings = read_with_pandas() if engine == "pandas" else read_with_pyarrow()
kept = listings[(listings["price"] >= 10) & (listings["price"] <= 350)]
kept.to_parquet(target, index=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
