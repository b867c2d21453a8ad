/**
 * What router and worker share of calling a model: server choice, credentials, the outcome of an
 * answer and its measurement.
 */
@NullMarked
package io.serin.modelcalls;

import org.jspecify.annotations.NullMarked;
