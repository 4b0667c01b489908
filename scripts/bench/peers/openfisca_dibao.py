"""The dibao rules of the text of 2012 with surcharges, in OpenFisca: an independent implementation, run by its own Python.

    python openfisca_dibao.py FOLDER

Reads the snapshot's Parquet in FOLDER, writes openfisca.parquet there, prints its seconds of CPU as JSON. Written the way
OpenFisca's own country packages are: persons, households, parameters by area through an Enum, formulas over arrays.

What its users know: floats are single and integers 32 bits, so money is yuan and each household is rounded to the fen at
the end; persons are joined to households by sorted text, so ids are padded; a text cannot choose a parameter, an Enum can.
"""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2020-03"
MONTH_NUMBER = 20200301
RATES = ("severely_disabled", "seriously_ill", "elderly", "minor")
MONEY = (
    "standard_urban", "standard_rural", "payment_minimum", *(f"surcharge_{rate}" for rate in RATES),
)  # fmt: skip
COUNTS = {
    "elderly_from": "dibao_surcharge_elderly_age_from",
    "minor_below": "dibao_surcharge_minor_age_below",
    "severe_to": "dibao_surcharge_severely_disabled_level_to",
}

PERSON = build_entity(key="person", plural="persons", label="person", is_person=True)
HOUSEHOLD = build_entity(
    key="household",
    plural="households",
    label="household",
    roles=[{"key": "member", "plural": "members", "label": "member"}],
)


def main(folder: Path) -> None:
    data = read(folder)
    marks = {"start": time.process_time()}
    system = tax_benefit_system(data["standards"])
    marks["system"] = time.process_time()
    simulation = build(system, data)
    marks["build"] = time.process_time()
    amount = simulation.calculate("amount", PERIOD)
    explained = {name: simulation.calculate(name, PERIOD) for name in ("persons", "income", "base", "surcharge")}
    for rate in RATES:
        explained[f"{rate}_count"] = simulation.calculate(f"{rate}_count", PERIOD)
    fen = np.rint(amount.astype(np.float64) * 100).astype(np.int64)
    marks["rules"] = time.process_time()
    write(folder, data["grants"]["household_id"], fen, explained)
    marks["write"] = time.process_time()
    names = list(marks)
    print(json.dumps({after: marks[after] - marks[before] for before, after in pairwise(names)}))


def read(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """Columns as arrays; not part of what is measured."""
    with duckdb.connect(":memory:") as connection:
        tables = {name: f"read_parquet('{folder / name}.parquet')" for name in ("grants", "persons", "standards")}
        grants = connection.execute(
            f"select household_id, unit_code, is_urban from {tables['grants']} order by household_id"
        ).fetchnumpy()
        persons = connection.execute(
            "select person_id, household_id, year(birth_on) * 10000 + month(birth_on) * 100 + day(birth_on) as born,"
            " disability_level, is_seriously_ill, income_wage_fen / 100.0 as wage, income_business_fen / 100.0 as business,"
            " income_property_fen / 100.0 as property, income_transfer_fen / 100.0 as transfer"
            f" from {tables['persons']} order by household_id, person_id"
        ).fetchnumpy()
        standards = connection.execute(f"select * from {tables['standards']} order by unit_code").fetchnumpy()
    return {"grants": grants, "persons": persons, "standards": standards}


def tax_benefit_system(standards: dict[str, np.ndarray]) -> TaxBenefitSystem:
    """Parameters by area, as YAML would give them; the areas' Enum is made from them."""
    areas = [f"a{code}" for code in standards["unit_code"]]
    tree: dict[str, dict] = {}
    for name in MONEY:
        column = standards[f"dibao_{name}"]
        tree[name] = {area: _dated(int(fen) / 100) for area, fen in zip(areas, column, strict=True)}
    for name, column in COUNTS.items():
        tree[name] = {area: _dated(int(count)) for area, count in zip(areas, standards[column], strict=True)}
    area_enum = Enum("Areas", {area: area for area in areas})
    system = TaxBenefitSystem([PERSON, HOUSEHOLD])
    system.parameters = ParameterNode("", data=tree)
    for variable in variables(area_enum, areas[0]):
        system.add_variable(variable)
    return system


def _dated(value: float) -> dict:
    return {"values": {"2019-07-01": {"value": value}}}


def _input(name: str, entity: object, value_type: type, **attributes: object) -> type:
    body = {
        "value_type": value_type,
        "entity": entity,
        "definition_period": DateUnit.MONTH,
        "label": name,
        **attributes,
    }
    return type(name, (Variable,), body)


def variables(areas: Enum, default: str) -> list[type]:
    """Inputs, then the rules; a formula is what the article says, over all persons or households at once."""
    inputs = [
        _input("area", HOUSEHOLD, Enum, possible_values=areas, default_value=areas[default]),
        _input("is_urban", HOUSEHOLD, bool),
        _input("born", PERSON, int),
        _input("disability_level", PERSON, int),
        _input("is_seriously_ill", PERSON, bool),
        *(_input(kind, PERSON, float) for kind in ("wage", "business", "property", "transfer")),
    ]

    def of_area(household, parameters, period, name):
        return getattr(parameters(period), name)[household("area", period)]

    def persons(household, period):  # noqa: ARG001 - OpenFisca calls by position
        return household.nb_persons()

    def income(household, period):
        kinds = ("wage", "business", "property", "transfer")
        return sum(household.sum(household.members(kind, period)) for kind in kinds)

    def applies(name):
        def formula(person, period, parameters):  # noqa: ARG001 - as above
            if name == "seriously_ill":
                return person("is_seriously_ill", period)
            if name == "severely_disabled":
                level = person("disability_level", period)
                return (level > 0) * (level <= person.household("severe_to", period))
            born = person("born", period)
            if name == "elderly":
                return born <= MONTH_NUMBER - person.household("elderly_from", period) * 10_000
            return born > MONTH_NUMBER - person.household("minor_below", period) * 10_000

        return formula

    def looked_up(name):
        return lambda household, period, parameters: of_area(household, parameters, period, name)

    def person_surcharge(person, period):
        found = np.zeros(person.count, dtype=np.float32)
        for rate in RATES:
            rates = person.household(f"rate_{rate}", period)
            found = np.maximum(found, np.where(person(f"is_{rate}", period), rates, 0))
        return found

    def paid_category(person, period):
        surcharge, found = person("person_surcharge", period), np.zeros(person.count, dtype=np.int32)
        for number, rate in reversed(list(enumerate(RATES, start=1))):
            is_paid = person(f"is_{rate}", period) * (person.household(f"rate_{rate}", period) == surcharge)
            found = np.where(is_paid, number, found)
        return found

    def counted(number):
        return lambda household, period: household.sum(household.members("paid_category", period) == number)

    def standard(household, period, parameters):
        urban = of_area(household, parameters, period, "standard_urban")
        rural = of_area(household, parameters, period, "standard_rural")
        return np.where(household("is_urban", period), urban, rural)

    def base(household, period, parameters):
        full = household("standard", period) * household("persons", period)
        gap = np.maximum(full - household("income", period), 0)
        is_some = gap > 0.004
        least = of_area(household, parameters, period, "payment_minimum")
        return np.where(is_some, np.maximum(gap, least), 0)

    def surcharge(household, period):
        total = household.sum(household.members("person_surcharge", period))
        return np.where(household("base", period) > 0, total, 0)

    def amount(household, period):
        return household("base", period) + household("surcharge", period)

    rules = [
        _input("persons", HOUSEHOLD, int, formula=persons),
        _input("income", HOUSEHOLD, float, formula=income),
        *(_input(f"is_{rate}", PERSON, bool, formula=applies(rate)) for rate in RATES if rate != "seriously_ill"),
        *(_input(f"rate_{rate}", HOUSEHOLD, float, formula=looked_up(f"surcharge_{rate}")) for rate in RATES),
        *(_input(name, HOUSEHOLD, int, formula=looked_up(name)) for name in COUNTS),
        _input("person_surcharge", PERSON, float, formula=person_surcharge),
        _input("paid_category", PERSON, int, formula=paid_category),
        *(
            _input(f"{rate}_count", HOUSEHOLD, int, formula=counted(number))
            for number, rate in enumerate(RATES, start=1)
        ),
        _input("standard", HOUSEHOLD, float, formula=standard),
        _input("base", HOUSEHOLD, float, formula=base),
        _input("surcharge", HOUSEHOLD, float, formula=surcharge),
        _input("amount", HOUSEHOLD, float, formula=amount),
    ]
    return inputs + rules


def build(system: TaxBenefitSystem, data: dict[str, dict[str, np.ndarray]]):
    """Entities, who belongs to which, and the inputs."""
    grants, persons = data["grants"], data["persons"]
    width = len(str(int(persons["person_id"].max())))
    household_ids = np.char.zfill(grants["household_id"].astype(str), width)
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.char.zfill(persons["person_id"].astype(str), width))
    households = builder.declare_entity("household", household_ids)
    memberships = np.char.zfill(persons["household_id"].astype(str), width)
    builder.join_with_persons(households, memberships, np.repeat("member", len(memberships)))
    simulation = builder.build(system)
    areas = system.get_variable("area").possible_values
    numbers = {int(area.name[1:]): area.index for area in areas}
    codes, positions = np.unique(grants["unit_code"], return_inverse=True)
    simulation.set_input("area", PERIOD, np.array([numbers[int(code)] for code in codes])[positions])
    simulation.set_input("is_urban", PERIOD, np.asarray(grants["is_urban"], dtype=bool))
    for name in ("born", "disability_level", "is_seriously_ill", "wage", "business", "property", "transfer"):
        simulation.set_input(name, PERIOD, np.asarray(persons[name]))
    return simulation


def write(folder: Path, household_ids: np.ndarray, fen: np.ndarray, explained: dict[str, np.ndarray]) -> None:
    columns = {"household_id": household_ids, "amount_fen": fen}
    columns |= {name: np.asarray(values).astype(np.float64) for name, values in explained.items()}
    path = folder / "openfisca.csv"
    np.savetxt(
        path, np.column_stack(list(columns.values())), fmt="%.2f", delimiter=",", header=",".join(columns), comments=""
    )
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"copy (select household_id::bigint as household_id, amount_fen::bigint as amount_fen, * exclude"
            f" (household_id, amount_fen) from read_csv('{path}')) to '{folder / 'openfisca.parquet'}' (format parquet)"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
