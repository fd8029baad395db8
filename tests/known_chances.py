"""Contracts whose ends follow a chance that the tests know, for the models of renewals."""

import numpy as np
import pandas as pd


def world(n=3000, seed=3, effect=-1.0, base=1.5):
    """Contracts of n customers over four years, three landmarks each; a complaint adds `effect` to the log odds to renew."""
    rng = np.random.default_rng(seed)
    complaints, level = rng.poisson(0.5, n).astype(float), rng.choice(["5*9", "7*24*4"], n)
    renewed = rng.random(n) < 1 / (1 + np.exp(-(base + effect * complaints)))
    end = pd.Timestamp("2022-10-31") + pd.to_timedelta(rng.integers(0, 4 * 365, n), unit="D")
    rows = []
    for days in (200, 100, 20):
        rows.append(
            pd.DataFrame(
                {
                    "contract_id": [f"K{k:05d}" for k in range(n)],
                    "customer_id": [f"C{k % (n // 2):05d}" for k in range(n)],
                    "landmark": end - pd.Timedelta(days=days),
                    "days_to_end": days,
                    "complaints": complaints,
                    "noise": rng.normal(size=n),
                    "service_level": pd.array(level, dtype="string"),
                    "renewed": renewed.astype(int),
                }
            )
        )
    X = pd.concat(rows).sort_values(["contract_id", "landmark"], ignore_index=True)
    return X.drop(columns="renewed"), X.renewed.to_numpy()


def simulated(n, seed, effects=(0.6, -0.4, 0.3), landmarks=(200, 100, 20)):
    """Contracts of n customers that are renewed with chances that follow the model, and these chances."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, len(effects)))
    true = 1 / (1 + np.exp(-(1.2 + features @ np.array(effects))))
    renewed = (rng.random(n) < true).astype(int)
    end = pd.Timestamp("2022-10-31") + pd.to_timedelta(rng.integers(0, 4 * 365, n), unit="D")
    one = pd.DataFrame(features, columns=[f"f{k}" for k in range(len(effects))]).assign(
        contract_id=[f"K{k:05d}" for k in range(n)], customer_id=[f"C{k:05d}" for k in range(n)]
    )
    X = pd.concat(
        [one.assign(landmark=end - pd.Timedelta(days=days), days_to_end=days) for days in landmarks],
        ignore_index=True,
    )
    return X, np.tile(renewed, len(landmarks)), np.tile(true, len(landmarks))
