package io.serin.analytics.api;

import io.serin.schemas.ActionRequest;
import io.serin.schemas.WantedRollout;

/**
 * Where files and actions are put for the controller: it acts on what is durable, and on nothing
 * else.
 */
interface ActionLog extends AutoCloseable {
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

  /**
   * Deletes a retired rollout's file and command; its actions and events stay.
   *
   * @throws ApiError 503 where that could not be made durable in time
   */
  void delete(String rollout) throws ApiError;

  @Override
  void close();
}
