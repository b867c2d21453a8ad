@NullMarked
package io.serin.worker;

import org.jspecify.annotations.NullMarked;
