using System.Text.Json;
using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>How push notifications are sent: by Firebase Cloud Messaging. Section <c>Push</c>. Without any of it, push jobs fail and say so.</summary>
public sealed class PushOptions : ProviderOptions
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
    public int Parallelism { get; set; } = 8;

    /// <summary>What to do when nobody can tell whether FCM took a push. Default: <see cref="OnUnknownOutcome.SendAgain"/>, since a push shown twice does little harm.</summary>
    public OnUnknownOutcome OnUnknownOutcome { get; set; } = OnUnknownOutcome.SendAgain;

    internal bool IsConfigured => !string.IsNullOrEmpty(ServiceAccountJson) || !string.IsNullOrEmpty(ServiceAccountFile);

    /// <summary>The service account's key.</summary>
    internal string ReadKey() => ServiceAccountJson is { Length: > 0 } json ? json : File.ReadAllText(ServiceAccountFile!);
}

/// <summary>Checks <see cref="PushOptions"/> at start-up.</summary>
internal sealed class PushOptionsValidator : IValidateOptions<PushOptions>
{
    private const string Section = PushOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, PushOptions options)
    {
        string[] problems = [.. options.Problems(Section), .. Problems(options)];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(PushOptions options)
    {
        if (!string.IsNullOrEmpty(options.ServiceAccountJson) && !string.IsNullOrEmpty(options.ServiceAccountFile))
        {
            yield return $"Only one of {Section}:ServiceAccountJson and {Section}:ServiceAccountFile may be set.";
        }
        else if (options.IsConfigured)
        {
            if (KeyProblem(options) is { } problem)
            {
                yield return $"{Section}:{(string.IsNullOrEmpty(options.ServiceAccountJson) ? "ServiceAccountFile" : "ServiceAccountJson")} {problem}";
            }
        }
        else if (!string.IsNullOrEmpty(options.ProjectId))
        {
            yield return $"{Section}:ServiceAccountFile or {Section}:ServiceAccountJson must be set when {Section}:ProjectId is.";
        }

        if (!options.BaseAddress.IsAbsoluteUri || (options.BaseAddress.Scheme != Uri.UriSchemeHttps && !options.BaseAddress.IsLoopback))
        {
            yield return $"{Section}:BaseAddress must be an absolute https address; http is taken for localhost only.";
        }

        if (options.Parallelism is < 1 or > 100)
        {
            yield return $"{Section}:Parallelism must be from 1 to 100.";
        }

        if (!Enum.IsDefined(options.OnUnknownOutcome))
        {
            yield return $"{Section}:OnUnknownOutcome must be Fail or SendAgain.";
        }
    }

    private static string? KeyProblem(PushOptions options)
    {
        try
        {
            var account = ServiceAccount.Read(options);
            return string.IsNullOrEmpty(account.ProjectId) ? $"names no project_id; set {Section}:ProjectId." : null;
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
