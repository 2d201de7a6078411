import numpy as np

from epochsieve.judging.expecting.solving import solve_ridged, step_on


def test_solutions_are_finite_where_a_template_sees_nothing():
    normal = np.zeros((2, 3, 3))
    normal[0] = np.diag([4.0, 0.0, 9.0])
    solved = solve_ridged(normal, np.array([[8.0, 0.0, 9.0], [0.0, 0.0, 0.0]]))
    np.testing.assert_allclose(solved, [[2, 0, 1], [0, 0, 0]], rtol=1e-3)


def test_steps_lead_to_the_solution_though_their_equations_are_not_quite_its_own(rng):
    normal = np.cov(rng.normal(size=(4, 50)))[None]
    right = rng.normal(size=(1, 4))
    wanted, found = solve_ridged(normal, right), np.zeros((1, 4))
    for _ in range(30):
        found = step_on(found, 1.3 * normal, right - (normal @ found[..., None])[..., 0])
    np.testing.assert_allclose(found, wanted, rtol=1e-3)
    np.testing.assert_allclose(step_on(wanted, normal, right - (normal @ wanted[..., None])[..., 0]), wanted)
