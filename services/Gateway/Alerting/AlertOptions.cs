using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>Whom the gateway tells of alerts. Their limits are the dashboard's: section <c>Dashboard</c>. Section <c>Alerts</c>.</summary>
internal sealed class AlertOptions : ICheckedSettings
{
    public const string SectionName = "Alerts";

    private const int ShortestSecret = 20;

    /// <summary>Where alerts are posted to. Default: nowhere.</summary>
    public IList<WebhookOptions> Webhooks { get; } = [];

    /// <summary>How long its cause must be gone before an alert is resolved, so that one about the limit is not told again and again. 0–1 h; default: 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ClearAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often one post is tried before it is given up. 1–20; default: 8, which with the default back-off is over about twenty minutes.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 8;

    /// <summary>How long to wait after the first attempt that failed; doubled after each, up to an hour, and spread by a fifth either way. 1 s–10 min; default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BackoffDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>What is wrong with the webhooks; no sentence shows an address or a secret.</summary>
    public IEnumerable<string> Problems(string section) =>
        Webhooks.SelectMany((webhook, i) => Problems(webhook, $"{section}:{nameof(Webhooks)}:{i}", Webhooks.Take(i)));

    private static IEnumerable<string> Problems(WebhookOptions webhook, string at, IEnumerable<WebhookOptions> before)
    {
        if (!Uri.TryCreate(webhook.Url, UriKind.Absolute, out var url) || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            yield return $"{at}:Url must be an absolute https address; http is taken for localhost only.";
        }
        else if (before.Any(other => other.Url == webhook.Url))
        {
            yield return $"{at}:Url is there before; name each address once.";
        }

        if (string.IsNullOrEmpty(webhook.Secret) == string.IsNullOrEmpty(webhook.SecretFile))
        {
            yield return $"{at} must have either Secret or SecretFile; make a secret with: openssl rand -base64 32";
        }
        else if (!string.IsNullOrEmpty(webhook.SecretFile) && !File.Exists(webhook.SecretFile))
        {
            yield return $"{at}:SecretFile names a file that is not there.";
        }
        else if (webhook.ReadSecret().Length < ShortestSecret)
        {
            yield return $"{at}:{(string.IsNullOrEmpty(webhook.Secret) ? "SecretFile" : "Secret")} must have at least {ShortestSecret} characters; make one with: openssl rand -base64 32";
        }

        foreach (var kind in webhook.Kinds.Where(kind => !AlertKinds.All.Contains(kind)))
        {
            yield return $"{at}:Kinds has '{kind}'; known are {string.Join(", ", AlertKinds.All)}.";
        }
    }
}

/// <summary>One receiver of alerts.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Its address: https; http for this machine only. It may hold a token: it is never logged.</summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>What posts are signed with, at least 20 characters; give it by the environment or a secret. Either this or <see cref="SecretFile"/>.</summary>
    public string? Secret { get; set; }

    /// <summary>A file that holds the secret, such as a mounted Kubernetes secret; read for every post, so that it can be rotated without a restart.</summary>
    public string? SecretFile { get; set; }

    /// <summary>What to tell of: see <see cref="AlertKinds"/>. Default: everything.</summary>
    public IList<string> Kinds { get; } = [];

    /// <summary>Names the webhook in the store without giving its address away.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Url)))[..16];

    public bool Wants(string kind) => Kinds.Count == 0 || Kinds.Contains(kind);

    public string ReadSecret() => Secret is { Length: > 0 } secret ? secret : File.ReadAllText(SecretFile!).Trim();
}

/// <summary>What alerts are about.</summary>
internal static class AlertKinds
{
    /// <summary>The share of jobs of the last hour that failed.</summary>
    public const string FailureRate = "failureRate";

    /// <summary>Failed jobs.</summary>
    public const string Failed = "failed";

    /// <summary>Waiting jobs.</summary>
    public const string Waiting = "waiting";

    /// <summary>Stalled attempts of the last hour.</summary>
    public const string Stalled = "stalled";

    /// <summary>The queue is paused: 1 against 0.</summary>
    public const string Paused = "paused";

    public static IReadOnlyList<string> All { get; } = [FailureRate, Failed, Waiting, Stalled, Paused];
}
