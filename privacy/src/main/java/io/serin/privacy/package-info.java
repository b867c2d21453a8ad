/**
 * What routers and workers share about captured payloads: how they are redacted and how they are
 * sealed. Pure.
 */
@NullMarked
package io.serin.privacy;

import org.jspecify.annotations.NullMarked;
