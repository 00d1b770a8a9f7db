using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// <c>/healthz</c>: the process answers, nothing else is looked at, so that an outage of a database restarts nobody. <c>/readyz</c>: every check
/// tagged <see cref="ReadyTag"/> passes; else 503, and no traffic comes here.
/// </summary>
public static class ServiceHealth
{
    /// <summary>The tag of health checks that decide whether a service is ready.</summary>
    public const string ReadyTag = "ready";

    internal static void MapServiceHealth(this WebApplication app)
    {
        app.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).ForAnybody().TakesAnyRequest();
        app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync })
            .ForAnybody().TakesAnyRequest();
    }

    // Names and verdicts only: a check's exception may hold addresses.
    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("status", Word(report.Status));
        writer.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            writer.WriteString(name, Word(entry.Status));
        }

        writer.WriteEndObject();
        WriteDetails(writer, report);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }

    // What a check says in so many words for everybody to read, such as since when a provider is away.
    private static void WriteDetails(Utf8JsonWriter writer, HealthReport report)
    {
        var told = report.Entries.Where(entry => entry.Value.Data.Count > 0).ToArray();
        if (told.Length == 0)
        {
            return;
        }

        writer.WriteStartObject("details");
        foreach (var (name, entry) in told)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, entry.Data, JsonSerializerOptions.Web);
        }

        writer.WriteEndObject();
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
