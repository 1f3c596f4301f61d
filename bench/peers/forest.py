"""The forest of the reference recipe: forest.py TRAIN TEST, two JSON files of rows. Prints what its fit took and is worth."""

import json
import sys
import time

import pandas
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

NUMBERS = [
    "latitude",
    "longitude",
    "minimum_nights",
    "number_of_reviews",
    "reviews_per_month",
    "calculated_host_listings_count",
    "availability_365",
]


def read(path, newest=None):
    rows = pandas.read_json(path, convert_dates=["last_review"])
    newest = newest or rows["last_review"].max()
    rows["days_since"] = (newest - rows["last_review"]).dt.days
    rows["name"] = rows["name"].fillna("")
    return rows, newest


train, newest = read(sys.argv[1])
test, _ = read(sys.argv[2], newest)
# Rooms in the order of what they cost; a missing number is 0, a listing never reviewed is old.
features = ColumnTransformer(
    [
        ("room", OrdinalEncoder(categories=[["Shared room", "Private room", "Entire home/apt"]]), ["room_type"]),
        ("borough", OneHotEncoder(handle_unknown="ignore"), ["neighbourhood_group"]),
        ("numbers", SimpleImputer(strategy="constant", fill_value=0), NUMBERS),
        ("reviewed", SimpleImputer(strategy="constant", fill_value=9999), ["days_since"]),
        ("words", TfidfVectorizer(max_features=5, stop_words="english"), "name"),
    ]
)
forest = RandomForestRegressor(
    n_estimators=100,
    max_depth=15,
    min_samples_split=4,
    min_samples_leaf=3,
    max_features=0.5,
    random_state=42,
    n_jobs=-1,
)
started = time.perf_counter()
model = make_pipeline(features, forest).fit(train.drop(columns="price"), train["price"])
seconds = time.perf_counter() - started
said = model.predict(test.drop(columns="price"))
print(
    json.dumps(
        {
            "figures": {
                "seconds": seconds,
                "mae": mean_absolute_error(test["price"], said),
                "unexplained": 1 - r2_score(test["price"], said),
            },
            "work": {
                "learned": len(train),
                "asked": len(test),
                "prices": float(test["price"].sum()),
            },
        }
    )
)
