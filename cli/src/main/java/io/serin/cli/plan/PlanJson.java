package io.serin.cli.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.cli.plan.PlannedStage.PlannedGuard;
import io.serin.schemas.json.JsonText;
import io.serin.statistics.design.Planning.Size;
import java.util.List;

/** Plans as a program reads them; what is unknown or infinite is null. */
final class PlanJson {
  private PlanJson() {}

  static ObjectNode canary(RolloutPlanner planner, List<PlannedStage> stages) {
    ObjectNode node = JsonText.object();
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
      each.putPOJO("days", stage.days());
      each.putPOJO("requests", stage.requests());
      each.putPOJO("leastRequests", stage.least());
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
        .forEach(each -> promotion.putPOJO(each.name(), planner.promotion(each.name())));
    node.put("answer", PlanText.sentence(planner, stages));
    return node;
  }

  private static void guard(ObjectNode node, ExpectedTraffic traffic, PlannedGuard guard) {
    node.put("metric", guard.metric());
    node.put("then", guard.then());
    node.put("finds", guard.finds());
    node.putPOJO("limitRequests", guard.limit());
    node.putPOJO("medianRequests", guard.half());
    node.putPOJO("requestsAtPower", guard.most());
    node.putPOJO("daysAtPower", traffic.days(guard.most()));
    node.putPOJO("gateRequests", guard.pass());
    node.putPOJO("gateDays", traffic.days(guard.pass()));
    node.putPOJO("gateUsers", guard.users());
  }

  static ObjectNode ab(
      List<AbTestSize> plans, ExpectedTraffic traffic, double alpha, double power, double share) {
    ObjectNode node = JsonText.object();
    node.put("alpha", alpha);
    node.put("power", power);
    node.put("share", share);
    traffic(node, traffic);
    ArrayNode array = node.putArray("metrics");
    for (AbTestSize plan : plans) {
      ObjectNode each = array.addObject();
      each.put("metric", plan.metric());
      each.put("tellsApart", plan.what());
      size(each.putObject("oneLook"), traffic, plan.once());
      size(each.putObject("anyTime"), traffic, plan.always());
    }
    return node;
  }

  private static void size(ObjectNode node, ExpectedTraffic traffic, Size size) {
    node.putPOJO("requests", Math.ceil(size.requests()));
    node.putPOJO("candidateRequests", Math.ceil(size.candidateRequests()));
    node.putPOJO("users", Math.ceil(size.units()));
    node.putPOJO("designEffect", size.designEffect());
    node.putPOJO("priceOfLooking", size.priceOfLooking());
    node.putPOJO("days", traffic.days(size.requests()));
  }

  private static void traffic(ObjectNode node, ExpectedTraffic traffic) {
    node.putPOJO(
        "requestsPerDay", traffic.requestsPerDay() == 0 ? Double.NaN : traffic.requestsPerDay());
    node.putPOJO("users", traffic.users() == 0 ? Double.NaN : traffic.users());
  }
}
