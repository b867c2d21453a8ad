/**
 * Comparing arms: samples as mergeable sums, tests at one look and at every look, stratified
 * tables, multiplicity.
 */
@NullMarked
package io.serin.statistics.comparison;

import org.jspecify.annotations.NullMarked;
