using System.ComponentModel.DataAnnotations;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How SMS are sent: by Twilio. Section <c>Sms</c>. Without any of it, SMS jobs fail and say so.</summary>
public sealed class SmsOptions : ProviderOptions, ICheckedSettings
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

    internal override string? Forgotten(string section) =>
        IsConfigured ? null : $"{section}:AccountSid is not set: SMS cannot be sent, their jobs fail.";

    IEnumerable<string> ICheckedSettings.Problems(string section)
    {
        var (account, token) = (!string.IsNullOrEmpty(AccountSid), !string.IsNullOrEmpty(AuthToken));
        var (from, service) = (!string.IsNullOrEmpty(From), !string.IsNullOrEmpty(MessagingServiceSid));
        if ((account || token || from || service) && !(account && token && (from ^ service)))
        {
            yield return $"{section}:AccountSid, {section}:AuthToken and either {section}:From or {section}:MessagingServiceSid must be set together.";
        }

        if (!BaseAddress.IsAbsoluteUri || (BaseAddress.Scheme != Uri.UriSchemeHttps && !BaseAddress.IsLoopback))
        {
            yield return $"{section}:BaseAddress must be an absolute https address; http is taken for localhost only.";
        }
    }
}
