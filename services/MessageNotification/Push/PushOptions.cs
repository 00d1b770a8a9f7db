using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How push notifications are sent: by Firebase Cloud Messaging. Section <c>Push</c>. Without any of it, push jobs fail and say so.</summary>
internal sealed class PushOptions : ProviderOptions, ICheckedSettings
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Push";

    /// <summary>The service account's key, as the JSON that Google gives out; either this or <see cref="ServiceAccountFile"/>.</summary>
    public string? ServiceAccountJson { get; set; }

    /// <summary>The file with the service account's key; either this or <see cref="ServiceAccountJson"/>.</summary>
    public string? ServiceAccountFile { get; set; }

    /// <summary>The Firebase project. Default: the service account's.</summary>
    public string? ProjectId { get; set; }

    /// <summary>Where FCM's API is. Default: <c>https://fcm.googleapis.com</c>.</summary>
    public Uri BaseAddress { get; set; } = new("https://fcm.googleapis.com");

    /// <summary>To how many devices of a job it is sent at once, 1–100. Default: 8.</summary>
    [Range(1, 100)]
    public int Parallelism { get; set; } = 8;

    /// <summary>What to do when nobody can tell whether FCM took a push. Default: <see cref="OnUnknownOutcome.SendAgain"/>, since a push shown twice does little harm.</summary>
    public OnUnknownOutcome OnUnknownOutcome { get; set; } = OnUnknownOutcome.SendAgain;

    internal bool IsConfigured => !string.IsNullOrEmpty(ServiceAccountJson) || !string.IsNullOrEmpty(ServiceAccountFile);

    internal override string? Forgotten(string section) =>
        IsConfigured ? null : $"{section}:ServiceAccountFile is not set: push notifications cannot be sent, their jobs fail.";

    /// <summary>The service account's key.</summary>
    internal string ReadKey() => ServiceAccountJson is { Length: > 0 } json ? json : File.ReadAllText(ServiceAccountFile!);

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        if (!string.IsNullOrEmpty(ServiceAccountJson) && !string.IsNullOrEmpty(ServiceAccountFile))
        {
            yield return $"Only one of {section}:ServiceAccountJson and {section}:ServiceAccountFile may be set.";
        }
        else if (IsConfigured)
        {
            if (KeyProblem(section) is { } problem)
            {
                yield return $"{section}:{(string.IsNullOrEmpty(ServiceAccountJson) ? "ServiceAccountFile" : "ServiceAccountJson")} {problem}";
            }
        }
        else if (!string.IsNullOrEmpty(ProjectId))
        {
            yield return $"{section}:ServiceAccountFile or {section}:ServiceAccountJson must be set when {section}:ProjectId is.";
        }

        if (!BaseAddress.IsAbsoluteUri || (BaseAddress.Scheme != Uri.UriSchemeHttps && !BaseAddress.IsLoopback))
        {
            yield return $"{section}:BaseAddress must be an absolute https address; http is taken for localhost only.";
        }
    }

    private string? KeyProblem(string section)
    {
        try
        {
            var account = ServiceAccount.Read(this);
            return string.IsNullOrEmpty(account.ProjectId) ? $"names no project_id; set {section}:ProjectId." : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "names a file that cannot be read.";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            // What the exceptions say may hold parts of the key.
            return "must be the JSON key of a service account, as Google gives it out: with type service_account, client_email and private_key.";
        }
    }
}
