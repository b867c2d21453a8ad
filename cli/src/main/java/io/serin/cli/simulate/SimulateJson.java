package io.serin.cli.simulate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.simulation.Figure;
import io.serin.simulation.Report;
import io.serin.simulation.canary.CanaryReport;
import io.serin.simulation.canary.CanaryReport.Method;
import io.serin.simulation.scenario.Scenario;
import java.util.List;

/** Figures as a program reads them; what is infinite or unknown is null. */
final class SimulateJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private SimulateJson() {}

  static ArrayNode list(List<Scenario> scenarios) {
    ArrayNode array = NODES.arrayNode();
    for (Scenario scenario : scenarios) {
      array
          .addObject()
          .put("scenario", scenario.name())
          .put("question", scenario.question())
          .put("runs", scenario.fullRuns());
    }
    return array;
  }

  static ArrayNode reports(List<Report> reports) {
    ArrayNode array = NODES.arrayNode();
    for (Report report : reports) {
      ObjectNode node = array.addObject();
      node.put("scenario", report.scenario());
      node.put("question", report.question());
      node.put("seed", report.seed());
      node.put("runs", report.runs());
      node.put("holds", report.holds());
      ArrayNode figures = node.putArray("figures");
      for (Figure figure : report.figures()) {
        ObjectNode each = figures.addObject();
        each.put("name", figure.name());
        each.putPOJO("value", figure.value());
        each.putPOJO("standardError", figure.standardError());
        each.putPOJO("atLeast", figure.low());
        each.putPOJO("atMost", figure.high());
        each.put("judged", figure.judged());
        each.put("holds", figure.holds());
      }
    }
    return array;
  }

  static ObjectNode canary(ScenarioFile file, CanaryReport report) {
    ObjectNode node = NODES.objectNode();
    node.put("scenario", file.name());
    node.put("metric", file.canary().metric());
    node.put("seed", report.seed());
    node.put("runs", report.runs());
    node.put("requests", file.canary().requests());
    node.put("alpha", file.canary().guard().alpha());
    node.put("weight", file.canary().guard().weight());
    node.putPOJO("limit", report.limit());
    ArrayNode methods = node.putArray("methods");
    for (Method method : report.methods()) {
      ObjectNode each = methods.addObject();
      each.put("name", method.name());
      each.put("falseAlarms", method.falseAlarms());
      each.put("falseAlarmsError", method.error(method.falseAlarms()));
      each.put("power", method.power());
      each.put("powerError", method.error(method.power()));
      each.putPOJO("meanRequests", method.mean());
      for (double p : new double[] {0.1, 0.25, 0.5, 0.75, 0.9}) {
        each.putPOJO("p" + Math.round(100 * p) + "Requests", method.quantile(p));
      }
      each.putPOJO("timesLimit", method.mean() / report.limit());
    }
    return node;
  }
}
