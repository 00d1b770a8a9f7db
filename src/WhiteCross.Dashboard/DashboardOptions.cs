using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.Dashboard;

/// <summary>What the dashboard points out, and where it leads. Section <c>Dashboard</c>.</summary>
public sealed class DashboardOptions : ICheckedSettings
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Dashboard";

    /// <summary>The place of the trace id in <see cref="TraceUrl"/>.</summary>
    public const string TraceIdPlace = "{traceId}";

    /// <summary>
    /// The address of a job's trace, with <c>{traceId}</c> in it. Default: that of the Zipkin on this machine to which traces are exported
    /// (<c>OTEL_EXPORTER_ZIPKIN_ENDPOINT</c>), if there is one. Empty: no link.
    /// </summary>
    public string? TraceUrl { get; set; }

    /// <summary>The share of jobs of the last hour that may fail before a queue is pointed out: 0–1. Default: 0.1.</summary>
    [Range(0d, 1d)]
    public double AlertFailureRate { get; set; } = 0.1;

    /// <summary>Waiting jobs above which a queue is pointed out. Default: 1000.</summary>
    [Range(0, int.MaxValue)]
    public int AlertWaiting { get; set; } = 1000;

    /// <summary>Failed jobs above which a queue is pointed out. Default: 100.</summary>
    [Range(0, int.MaxValue)]
    public int AlertFailed { get; set; } = 100;

    /// <summary>Stalled attempts of the last hour above which a queue is pointed out. Default: 0.</summary>
    [Range(0, int.MaxValue)]
    public int AlertStalled { get; set; }

    /// <summary>For how many seconds a retry of many jobs is held back so that it can be undone: 0–300, 0 for not at all. Default: 10.</summary>
    [Range(0, 300)]
    public int UndoSeconds { get; set; } = 10;

    /// <summary>What the pages say about this system to everybody, for example that it is for tests. Default: nothing.</summary>
    public string? Notice { get; set; }

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (!IsTraceUrlValid)
        {
            yield return $"{section}:{nameof(TraceUrl)} must be an http or https address with {TraceIdPlace} in it, or empty for no link.";
        }
    }

    private bool IsTraceUrlValid =>
        string.IsNullOrEmpty(TraceUrl)
        || (TraceUrl.Contains(TraceIdPlace, StringComparison.Ordinal)
            && Uri.TryCreate(TraceUrl.Replace(TraceIdPlace, "0", StringComparison.Ordinal), UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https");
}
