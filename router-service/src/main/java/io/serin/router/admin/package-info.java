/** The admin port, and the health checks of model servers. */
@NullMarked
package io.serin.router.admin;

import org.jspecify.annotations.NullMarked;
