using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging;
using WhiteCross.Settings;

namespace WhiteCross.ServiceDefaults;

/// <summary>How services log.</summary>
internal static class ServiceLogging
{
    /// <summary><c>text</c> (the default) for people, <c>json</c> for collectors: a JSON object a line, in UTC, with scopes.</summary>
    public const string FormatSetting = "LOG_FORMAT";

    /// <summary>Quieter than the frameworks' own defaults: a line per statement or request would drown the rest. Any other source of settings overrides it.</summary>
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        ["Logging:LogLevel:System.Net.Http.HttpClient"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
    };

    public static void AddServiceLogging(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });

        // Its lines hold the query string: a hub's access token and a search's words would be in them. The scope that it puts around each request holds the path,
        // and so a device's token and the key of a link in a mail; there is none where not even its gravest lines are wanted. Lines are tied to requests by trace ids.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("Yarp.ReverseProxy", LogLevel.Warning);

        switch (builder.Configuration[FormatSetting])
        {
            case null or "" or "text":
                break;
            case "json":
                builder.Logging.AddJsonConsole(options =>
                {
                    options.IncludeScopes = true;
                    options.UseUtcTimestamp = true;
                    options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
                });
                break;
            default:
                throw new SettingsException($"{FormatSetting} must be text or json.");
        }
    }
}
