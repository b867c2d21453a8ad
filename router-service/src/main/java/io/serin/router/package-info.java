/** The data plane: proxies live traffic to variants and tells what happened. */
@NullMarked
package io.serin.router;

import org.jspecify.annotations.NullMarked;
