"""Likelihoods, gradients and Hessians are exact, and the truth is found again in data simulated from it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln, gammaln

from crmlab.purchases import BGNBD, MBGCNBD, MBGNBD, GammaGamma, ParetoNBD
from crmlab.purchases.models.gamma_gamma import _objective
from crmlab.purchases.models.histories import Histories
from crmlab.purchases.models.leaving import enough_nodes, log_left
from crmlab.purchases.models.simulate import simulate_purchases, simulate_spend

X = np.array([0, 0, 1, 1, 2, 4, 9, 40.0])
T_X = np.array([0, 0, 0.5, 30, 12, 38, 20, 38.5])
T = np.array([39, 10, 39, 30, 35, 39, 38, 39.0])
WEIGHTS = np.array([50, 20, 10, 9, 8, 5, 2, 1.0])
MODELS = [BGNBD(), MBGNBD(), MBGCNBD(k=2), MBGCNBD(k=4), ParetoNBD()]
every_model = pytest.mark.parametrize("model", MODELS, ids=repr)
positive = st.floats(-2.5, 3.0).map(np.exp)


def differences(evaluate, at, step=1e-5):
    """Gradient and Hessian by central differences of values and of gradients."""
    turned = np.diag(at * step)
    up, down = [evaluate(at + d) for d in turned], [evaluate(at - d) for d in turned]
    width = 2 * step * at
    gradient = np.array([(u[0] - d[0]) / w for u, d, w in zip(up, down, width, strict=True)])
    hessian = np.array([(u[1] - d[1]) / w for u, d, w in zip(up, down, width, strict=True)])
    return gradient, hessian


@every_model
@given(at=st.tuples(positive, positive, positive, positive))
def test_gradient_and_hessian_are_those_of_the_likelihood(model, at):
    at = np.array(at)
    evaluate = model._likelihood(Histories(X, T_X / 30, T / 30, WEIGHTS))
    with np.errstate(all="ignore"):
        value, gradient, hessian = evaluate(at)
        by_values, by_gradients = differences(evaluate, at)
    scale = (1 + np.abs(value)) / at
    assert np.abs(gradient - by_values) / scale == pytest.approx(0, abs=1e-7)
    assert np.abs(hessian - by_gradients) / np.outer(scale, 1 / at) == pytest.approx(0, abs=1e-5)
    assert (hessian == hessian.T).all()


@given(at=st.tuples(positive, positive, positive))
def test_gradient_and_hessian_of_spend(at):
    evaluate = _objective(X[2:], np.array([0.2, 3, 1, 0.9, 1.5, 0.7]), WEIGHTS[2:])
    at = np.log(at)
    value, gradient, hessian = evaluate(at)
    turned = np.eye(3) * 1e-5
    by_values = [(evaluate(at + d)[0] - evaluate(at - d)[0]) / 2e-5 for d in turned]
    by_gradients = [(evaluate(at + d)[1] - evaluate(at - d)[1]) / 2e-5 for d in turned]
    scale = 1 + np.abs(value) + np.abs(np.diag(hessian)).max()
    assert (gradient - by_values) / scale == pytest.approx(0, abs=1e-7)
    assert (hessian - by_gradients) / scale == pytest.approx(0, abs=1e-7)


def test_beta_geometric_likelihoods_are_their_papers():
    """Fader, Hardie and Lee (2005), equation 6; Batislam et al. (2007), equation 4."""
    r, alpha, a, b = at = (0.3, 5.0, 0.8, 2.4)
    common = gammaln(r + X) - gammaln(r) + r * np.log(alpha)
    stay, left = (alpha + T) ** -(r + X), (alpha + T_X) ** -(r + X)

    def beta(p, q):
        return np.exp(betaln(p, q) - betaln(a, b))

    bg = common + np.log(beta(a, b + X) * stay + (X > 0) * beta(a + 1, b + np.maximum(X, 1) - 1) * left)
    mbg = common + np.log(beta(a, b + X + 1) * stay + beta(a + 1, b + X) * left)
    names = dict(zip(("r", "alpha", "a", "b"), at, strict=True))
    assert BGNBD().log_likelihood(names, X, T_X, T, WEIGHTS) == pytest.approx(WEIGHTS @ bg, rel=1e-12)
    assert MBGNBD().log_likelihood(names, X, T_X, T, WEIGHTS) == pytest.approx(WEIGHTS @ mbg, rel=1e-12)


def log_pareto(p, x, t_x, T):
    """log of what is left of the likelihood without its gamma functions."""
    r, alpha, s, beta = p = np.array(p, float)
    h = tuple(np.array([float(v)]) for v in (x, t_x, T))
    stay = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
    return float(np.logaddexp(stay, log_left(p, enough_nodes(p, *h), *h))[0])


@pytest.mark.parametrize(
    ("parameters", "history", "exact"),
    [
        ((0.01, 0.001, 0.01, 1000.0), (0, 0.0, 10.0), -0.09210339706972531),
        ((20, 1000.0, 20, 0.001), (400, 5.0, 50.0), -2935.648543048586),
        ((0.5, 1.0, 0.6, 0.001), (1, 0.01, 50.0), 2.5444200805239094),
        ((0.5, 1000.0, 0.01, 1000.0), (3, 9.9, 10.0), -24.281145700202305),
        ((20, 0.001, 20, 1000.0), (400, 5.0, 50.0), -822.6482647697841),
        ((0.01, 0.001, 20, 1.5), (40, 30.0, 50.0), -206.21400358876275),
        ((0.55, 10.58, 0.61, 11.67), (2, 30.43, 38.86), -12.198613257797147),
        ((0.5, 1.0, 0.6, 1.0001), (2, 1.0, 1.0001), -2.1489112539860877),
        ((0.6, 1000000.0, 0.6, 1e-06), (10000, 1.0, 364.0), -138163.52762819792),
        ((200.0, 1e-06, 0.01, 1000000.0), (10000, 1.0, 364.0), -27.799080809781564),
    ],
)  # fmt: skip
def test_pareto_is_exact_at_extreme_parameters(parameters, history, exact):
    """Hypergeometric functions with 60 digits (mpmath) made the values; double precision fails at several of them."""
    assert log_pareto(parameters, *history) == pytest.approx(exact, abs=2e-9, rel=1e-13)


@pytest.mark.parametrize("alpha", [0.01, 1, 100])
@pytest.mark.parametrize("beta", [0.01, 1, 100])
@pytest.mark.parametrize("shapes", [(0.05, 0.05), (0.05, 8), (8, 0.05), (8, 8)])
@pytest.mark.parametrize("history", [(0, 0, 10), (3, 9.9, 10), (60, 5, 50)])
def test_pareto_agrees_with_adaptive_integration(alpha, beta, shapes, history):
    r, s = shapes
    x, t_x, end = history
    reach = np.log1p((end - t_x) / min(alpha + t_x, beta + t_x))
    low = min(alpha, beta) + t_x

    def integrand(h):
        y = t_x + low * np.expm1(h)
        logs = (r + x) * np.log((alpha + y) / (alpha + t_x)) + (s + 1) * np.log((beta + y) / (beta + t_x))
        return s * low * np.exp(h - logs)

    whole = sum(
        quad(integrand, reach * i / 20, reach * (i + 1) / 20, epsabs=0, epsrel=1e-12)[0] for i in range(20)
    )
    left = np.log(whole) - (r + x) * np.log(alpha + t_x) - (s + 1) * np.log(beta + t_x)
    stay = -(r + x) * np.log(alpha + end) - s * np.log(beta + end)
    assert log_pareto((r, alpha, s, beta), *history) == pytest.approx(np.logaddexp(stay, left), abs=2e-9)


@every_model
def test_the_unit_of_time_changes_nothing_but_the_unit(model):
    name = type(model).__name__
    truth = {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.4, "s": 0.7, "beta": 15.0}
    age = np.linspace(40, 80, 3000)
    x, t_x, _ = simulate_purchases(name, truth, age, seed=1, k=model.stages)
    weeks = model.fit(x, t_x, age)
    params, log_likelihood = weeks.params_, weeks.log_likelihood_
    seconds = model.fit(x, t_x * 604_800, age * 604_800)
    in_time = {"alpha", "beta"}
    for key, value in params.items():
        assert seconds.params_[key] == pytest.approx(value * (604_800 if key in in_time else 1), rel=1e-6)
    change = model.stages * x.sum() * np.log(604_800)
    assert seconds.log_likelihood_ == pytest.approx(log_likelihood - change, abs=1e-4)
    assert seconds.log_likelihood_ == pytest.approx(
        model.log_likelihood(seconds.params_, x, t_x * 604_800, age * 604_800), abs=1e-4
    )


def test_regular_buyers_show_their_k():
    age = np.full(3000, 60.0)
    truth = {"r": 1.5, "alpha": 3.0, "a": 0.9, "b": 4.0}
    random = np.random.default_rng(1)
    x, t_x, _ = simulate_purchases("MBGCNBD", truth, age, seed=1, k=3)
    # Given frequency and recency, Erlang gaps are a Dirichlet share of the recency.
    log_gaps = np.array(
        [
            np.log(random.dirichlet(np.full(int(n), 3.0)) * last).sum() if n else 0
            for n, last in zip(x, t_x, strict=True)
        ]
    )
    found = [MBGCNBD(k).fit(x, t_x, age, log_gaps=log_gaps).log_likelihood_ for k in (1, 2, 3, 4, 5)]
    assert int(np.argmax(found)) + 1 == 3


TRUTHS = [
    (BGNBD(), {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.4}),
    (MBGNBD(), {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 2.4}),
    (MBGCNBD(k=2), {"r": 0.8, "alpha": 3.0, "a": 0.9, "b": 2.4}),
    (MBGCNBD(k=3), {"r": 0.8, "alpha": 2.0, "a": 0.9, "b": 2.4}),
    (ParetoNBD(), {"r": 0.6, "alpha": 6.0, "s": 0.7, "beta": 15.0}),
]


def share_within_two_errors(model, truth, seeds):
    age = np.linspace(40, 80, 4000)
    hits = []
    for seed in seeds:
        x, t_x, _ = simulate_purchases(type(model).__name__, truth, age, seed=seed, k=model.stages)
        model.fit(x, t_x, age)
        assert model.converged_
        hits += [
            abs(np.log(model.params_[q] / truth[q])) <= 2 * model.standard_errors_[q] / model.params_[q]
            for q in truth
        ]
    return np.mean(hits)


@pytest.mark.parametrize(("model", "truth"), TRUTHS, ids=repr)
def test_the_truth_is_found_again(model, truth):
    assert share_within_two_errors(model, truth, range(6)) >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize(("model", "truth"), TRUTHS, ids=repr)
def test_the_truth_is_found_again_in_nine_of_ten_runs(model, truth):
    assert share_within_two_errors(model, truth, range(100, 300)) >= 0.9


@pytest.mark.parametrize("runs", [10, pytest.param(300, marks=pytest.mark.slow)])
def test_the_truth_of_spend_is_found_again(runs):
    truth = {"p": 6.0, "q": 4.0, "gamma": 15.0}
    frequency = np.random.default_rng(1).integers(0, 6, 4000)
    hits = []
    for seed in range(runs):
        model = GammaGamma().fit(frequency, simulate_spend(truth, frequency, seed=seed))
        hits += [
            abs(np.log(model.params_[q] / truth[q])) <= 2 * model.standard_errors_[q] / model.params_[q]
            for q in truth
        ]
    assert np.mean(hits) >= 0.9


def test_spend_in_another_currency_is_the_same_fit():
    frequency = np.random.default_rng(1).integers(0, 6, 3000)
    amount = simulate_spend({"p": 6.0, "q": 4.0, "gamma": 15.0}, frequency, seed=1)
    yuan, fen = GammaGamma().fit(frequency, amount), GammaGamma().fit(frequency, amount * 100)
    assert fen.params_["gamma"] == pytest.approx(100 * yuan.params_["gamma"], rel=1e-9)
    assert fen.expected_value([0, 3], [0, 3000]) == pytest.approx(
        100 * yuan.expected_value([0, 3], [0, 30]), rel=1e-9
    )
    assert yuan.log_likelihood(yuan.params_, frequency, amount) == pytest.approx(
        yuan.log_likelihood_, rel=1e-9
    )
