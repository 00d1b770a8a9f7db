using System.Diagnostics.Metrics;
using System.Text;

namespace WhiteCross.Reference;

/// <summary>What is measured, by the names that OpenTelemetry and Prometheus have for it.</summary>
internal static class MetricsPage
{
    public static string Render(DescribedSystem system)
    {
        var page = new StringBuilder("""
            Every service answers `GET /metrics` in Prometheus' format, and sends the same by OTLP where `OTEL_EXPORTER_OTLP_ENDPOINT` is set. Beside these there are the
            runtime's and ASP.NET Core's own. Alerts and dashboards made of them are in `deploy/prometheus` and `deploy/grafana`.


            """);
        ReferencePages.AddTable(page, ["Prometheus", "OpenTelemetry", "kind", "unit", "meaning"], system.Instruments.Select(instrument => new[]
        {
            $"`{PrometheusName(instrument)}`", $"`{instrument.Name}`", KindOf(instrument), instrument.Unit, instrument.Description,
        }));
        return page.ToString();
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        _ => "gauge",
    };

    // As OpenTelemetry's exporter makes it: units in words, units in braces left out, counters with _total.
    private static string PrometheusName(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => string.Empty };
        return name + (name.EndsWith(unit, StringComparison.Ordinal) ? string.Empty : unit) + (KindOf(instrument) == "counter" ? "_total" : string.Empty);
    }
}
