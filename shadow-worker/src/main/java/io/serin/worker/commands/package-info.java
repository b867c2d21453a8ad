/** The newest command of each rollout, as the worker follows them. */
@NullMarked
package io.serin.worker.commands;

import org.jspecify.annotations.NullMarked;
