using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Gateway;

/// <summary>What a webhook is told: nothing of any job.</summary>
/// <param name="Id">The alert's id, the same when it is raised and when it is resolved.</param>
/// <param name="Kind">What it is about: see <see cref="AlertKinds"/>.</param>
/// <param name="Queue">The queue's name.</param>
/// <param name="State">raised or resolved.</param>
/// <param name="Value">What was found.</param>
/// <param name="Threshold">What it was compared to.</param>
/// <param name="Since">When it was raised.</param>
/// <param name="At">When it came to this state.</param>
internal sealed record AlertMessage(string Id, string Kind, string Queue, string State, double Value, double Threshold, DateTimeOffset Since, DateTimeOffset At)
{
    public const string Raised = "raised";
    public const string Resolved = "resolved";

    /// <summary>As JSON; the very text that is signed.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AlertJsonContext.Default.AlertMessage);

    /// <summary>The signature of a body at a time: <c>t=unix seconds,v1=hex of HMAC-SHA256 over "t.body"</c>. The time is signed too, against replays.</summary>
    public static string Sign(string body, string secret, DateTimeOffset at)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(hash)}";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AlertMessage))]
internal sealed partial class AlertJsonContext : JsonSerializerContext;
