package io.serin.router.feedback;

import java.time.Instant;

/**
 * A tester's wish, signed: these requests are to be served by this variant.
 *
 * @param rollout the rollout's name
 * @param variant the variant's name
 * @param expiresAt from when on it is worth nothing; milliseconds count
 */
public record OverrideToken(String rollout, String variant, Instant expiresAt) {}
