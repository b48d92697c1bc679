import com.fasterxml.jackson.databind.ObjectMapper;
import com.wavefront.api.agent.ValidationConfiguration;
import com.wavefront.data.Validation;
import com.wavefront.ingester.ReportPointDecoder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wavefront.report.ReportPoint;

/**
 * Reads messages of Wavefront lines as Wavefront's proxy does: each line by its decoder, then by its validation. A line
 * that either refuses is lost, and only that one.
 *
 * <p>Standard input: one JSON string a line, each a whole message. Standard output: for each, one JSON object with
 * "points", and with "error" where a line was refused.
 */
public final class WavefrontReader {
  private WavefrontReader() {}

  public static void main(String[] arguments) throws Exception {
    ObjectMapper json = new ObjectMapper();
    ReportPointDecoder decoder = new ReportPointDecoder(() -> null, List.of());
    ValidationConfiguration rules = new ValidationConfiguration();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.print(json.writeValueAsString(read(json.readValue(line, String.class), decoder, rules)));
        out.print('\n');
      }
    }
  }

  private static Map<String, Object> read(String message, ReportPointDecoder decoder, ValidationConfiguration rules) {
    List<Map<String, Object>> points = new ArrayList<>();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("points", points);
    for (String line : message.split("\r?\n")) {
      try {
        List<ReportPoint> decoded = new ArrayList<>();
        decoder.decode(line, decoded, "customer", null);
        for (ReportPoint point : decoded) {
          Validation.validatePoint(point, rules);
          points.add(describe(point));
        }
      } catch (RuntimeException refusal) {
        answer.put("error", refusal.toString());
      }
    }
    return answer;
  }

  private static Map<String, Object> describe(ReportPoint point) {
    Map<String, String> tags = new LinkedHashMap<>(point.getAnnotations());
    tags.put("source", point.getHost());
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("name", point.getMetric());
    described.put("value", point.getValue());
    described.put("timestamp", point.getTimestamp() / 1000);
    described.put("tags", tags);
    return described;
  }
}
