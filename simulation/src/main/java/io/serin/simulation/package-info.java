/**
 * Seeded simulations with known truth: what must hold of the guards in the configuration that
 * ships, and the rivals they are measured against. The only package with randomness, always by
 * seed: the same seed gives the same figures.
 */
@NullMarked
package io.serin.simulation;

import org.jspecify.annotations.NullMarked;
