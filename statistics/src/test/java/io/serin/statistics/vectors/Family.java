package io.serin.statistics.vectors;

import java.util.function.Function;
import java.util.function.Predicate;

/** A family of functions: which vectors belong to it, and how the library computes them. */
record Family(String name, Predicate<Vector> accepts, Function<Vector, Object> compute) {}
