using System.Globalization;
using WhiteCross.Settings;

namespace WhiteCross.MessageNotification;

/// <summary>How SMS are sent: by Twilio, or by another gateway. Section <c>Sms</c>. Without any of it, SMS jobs fail and say so.</summary>
internal sealed class SmsOptions : ProviderOptions, ICheckedSettings
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

    /// <summary>Other gateways, in the order in which they take the place of Twilio, or of one another, while one is away. Default: none.</summary>
    public IList<SmsGatewayOptions> Others { get; } = [];

    internal bool IsTwilio => !string.IsNullOrEmpty(AccountSid);

    internal bool IsConfigured => IsTwilio || Others.Count > 0;

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

        foreach (var problem in Others.SelectMany((other, index) => SettingsRules.Problems(string.Create(CultureInfo.InvariantCulture, $"{section}:Others:{index}"), other)))
        {
            yield return problem;
        }

        if (!BaseAddress.IsAbsoluteUri || (BaseAddress.Scheme != Uri.UriSchemeHttps && !BaseAddress.IsLoopback))
        {
            yield return $"{section}:BaseAddress must be an absolute https address; http is taken for localhost only.";
        }
    }
}
