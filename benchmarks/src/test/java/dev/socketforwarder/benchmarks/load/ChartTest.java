package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class ChartTest {

    @Test
    void aChartIsWellFormedAndHasItsBars() throws Exception {
        var chart = new Chart("less < more & more");
        chart.add("first", List.of(new Chart.Bar("a", 10, 9, 12, true), new Chart.Bar("b", 0, 0, 0, false)));
        chart.add("none", List.of());

        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));

        assertThat(document.getElementsByTagName("path").getLength()).isEqualTo(2);
        assertThat(document.getElementsByTagName("text").item(0).getTextContent())
                .isEqualTo("less < more & more");
    }
}
