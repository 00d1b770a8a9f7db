using Microsoft.Extensions.Options;

namespace WhiteCross.MessageNotification;

/// <summary>How SMS are sent: by Twilio. Section <c>Sms</c>. Without any of it, SMS jobs fail and say so.</summary>
public sealed class SmsOptions : ProviderOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Sms";

    /// <summary>The account, <c>AC</c> and 32 hexadecimal digits.</summary>
    public string? AccountSid { get; set; }

    /// <summary>The account's token.</summary>
    public string? AuthToken { get; set; }

    /// <summary>The number that sends, in E.164; either this or <see cref="MessagingServiceSid"/>.</summary>
    public string? From { get; set; }

    /// <summary>The messaging service that sends, <c>MG</c> and 32 hexadecimal digits; either this or <see cref="From"/>.</summary>
    public string? MessagingServiceSid { get; set; }

    /// <summary>Where Twilio's API is. Default: <c>https://api.twilio.com</c>.</summary>
    public Uri BaseAddress { get; set; } = new("https://api.twilio.com");

    /// <summary>What to do when nobody can tell whether Twilio took an SMS. Default: <see cref="OnUnknownOutcome.Fail"/>.</summary>
    public OnUnknownOutcome OnUnknownOutcome { get; set; } = OnUnknownOutcome.Fail;

    internal bool IsConfigured => !string.IsNullOrEmpty(AccountSid);
}

/// <summary>Checks <see cref="SmsOptions"/> at start-up.</summary>
internal sealed class SmsOptionsValidator : IValidateOptions<SmsOptions>
{
    private const string Section = SmsOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, SmsOptions options)
    {
        string[] problems = [.. options.Problems(Section), .. Problems(options)];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(SmsOptions options)
    {
        var (account, token) = (!string.IsNullOrEmpty(options.AccountSid), !string.IsNullOrEmpty(options.AuthToken));
        var (from, service) = (!string.IsNullOrEmpty(options.From), !string.IsNullOrEmpty(options.MessagingServiceSid));
        if ((account || token || from || service) && !(account && token && (from ^ service)))
        {
            yield return $"{Section}:AccountSid, {Section}:AuthToken and either {Section}:From or {Section}:MessagingServiceSid must be set together.";
        }

        if (!options.BaseAddress.IsAbsoluteUri || (options.BaseAddress.Scheme != Uri.UriSchemeHttps && !options.BaseAddress.IsLoopback))
        {
            yield return $"{Section}:BaseAddress must be an absolute https address; http is taken for localhost only.";
        }

        if (!Enum.IsDefined(options.OnUnknownOutcome))
        {
            yield return $"{Section}:OnUnknownOutcome must be Fail or SendAgain.";
        }
    }
}
