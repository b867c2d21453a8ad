package io.serin.cli.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.plan.PlannedStage.PlannedGuard;
import io.serin.statistics.design.Planning.Size;
import java.util.List;

/** Plans as a program reads them; what is unknown or infinite is null. */
final class PlanJson {
  private PlanJson() {}

  static ObjectNode canary(RolloutPlanner planner, List<PlannedStage> stages) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("rollout", planner.file().rollout());
    node.put("alpha", planner.file().alpha());
    node.put("power", planner.file().power());
    traffic(node, planner.traffic());
    ObjectNode expected = node.putObject("expected");
    ArrayNode array = node.putArray("stages");
    for (PlannedStage stage : stages) {
      ObjectNode each = array.addObject();
      each.put("stage", stage.name());
      each.put("candidate", stage.candidate());
      each.put("share", stage.share());
      number(each, "days", stage.days());
      number(each, "requests", stage.requests());
      number(each, "leastRequests", stage.least());
      ArrayNode guards = each.putArray("guards");
      for (PlannedGuard guard : stage.guards()) {
        expected
            .putObject(guard.metric())
            .put("baseline", planner.expectation(guard.metric()).baseline())
            .put("effect", planner.expectation(guard.metric()).effect());
        guard(guards.addObject(), planner.traffic(), guard);
      }
    }
    ObjectNode promotion = node.putObject("unitsUntilPromotion");
    planner
        .file()
        .candidates()
        .forEach(each -> number(promotion, each.name(), planner.promotion(each.name())));
    node.put("answer", PlanText.sentence(planner, stages));
    return node;
  }

  private static void guard(ObjectNode node, Traffic traffic, PlannedGuard guard) {
    node.put("metric", guard.metric());
    node.put("then", guard.then());
    node.put("finds", guard.finds());
    number(node, "limitRequests", guard.limit());
    number(node, "medianRequests", guard.half());
    number(node, "requestsAtPower", guard.most());
    number(node, "daysAtPower", traffic.days(guard.most()));
    number(node, "gateRequests", guard.pass());
    number(node, "gateDays", traffic.days(guard.pass()));
    number(node, "gateUsers", guard.users());
  }

  static ObjectNode ab(
      List<AbPlan> plans, Traffic traffic, double alpha, double power, double share) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("alpha", alpha);
    node.put("power", power);
    node.put("share", share);
    traffic(node, traffic);
    ArrayNode array = node.putArray("metrics");
    for (AbPlan plan : plans) {
      ObjectNode each = array.addObject();
      each.put("metric", plan.metric());
      each.put("tellsApart", plan.what());
      size(each.putObject("oneLook"), traffic, plan.once());
      size(each.putObject("anyTime"), traffic, plan.always());
    }
    return node;
  }

  private static void size(ObjectNode node, Traffic traffic, Size size) {
    number(node, "requests", Math.ceil(size.requests()));
    number(node, "candidateRequests", Math.ceil(size.candidateRequests()));
    number(node, "users", Math.ceil(size.units()));
    number(node, "designEffect", size.designEffect());
    number(node, "priceOfLooking", size.priceOfLooking());
    number(node, "days", traffic.days(size.requests()));
  }

  private static void traffic(ObjectNode node, Traffic traffic) {
    number(
        node,
        "requestsPerDay",
        traffic.requestsPerDay() == 0 ? Double.NaN : traffic.requestsPerDay());
    number(node, "users", traffic.users() == 0 ? Double.NaN : traffic.users());
  }

  private static void number(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
