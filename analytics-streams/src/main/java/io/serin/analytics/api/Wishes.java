package io.serin.analytics.api;

import io.serin.schemas.ActionRequest;
import io.serin.schemas.WantedRollout;

/**
 * Where files and actions are put for the controller: it acts on what is durable, and on nothing
 * else.
 */
interface Wishes extends AutoCloseable {
  /**
   * Puts a file and what the audit says of it, both or neither.
   *
   * @throws ApiError 503 where they could not be made durable in time
   */
  void put(WantedRollout wanted, ActionRequest audit) throws ApiError;

  /**
   * Puts an action.
   *
   * @throws ApiError 503 where it could not be made durable in time
   */
  void put(ActionRequest action) throws ApiError;

  @Override
  void close();
}
