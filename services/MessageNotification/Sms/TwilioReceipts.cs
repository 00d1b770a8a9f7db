using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification;

/// <summary>What Twilio calls back with: what became of an SMS, and what its recipient answered.</summary>
internal sealed class TwilioReceipts(IOptions<SmsOptions> options, PublicAddress address, TimeProvider time)
{
    /// <summary>Twilio's error code for a recipient who has answered STOP.</summary>
    public const int StoppedCode = 21610;

    private static readonly string[] StopWords = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"];
    private static readonly string[] StartWords = ["START", "YES", "UNSTOP"];

    // A number that there is not, cannot take SMS, or is a landline.
    private static readonly string[] NoNumber = ["21211", "21614", "30005", "30006"];

    /// <summary>What is missing for callbacks to be checked; null when nothing is.</summary>
    public string? Problem => !address.IsKnown ? $"{NotificationOptions.SectionName}:PublicUrl" : options.Value.IsTwilio ? null : $"{SmsOptions.SectionName}:AuthToken";

    /// <summary>Whether Twilio has signed a callback: by the address that it called, as the outside knows it, and all that it sent.</summary>
    public bool IsSigned(string pathAndQuery, IFormCollection form, string signature)
    {
        if (address.Of(pathAndQuery) is not { } url)
        {
            return false;
        }

        Span<byte> given = stackalloc byte[SHA1.HashSizeInBytes];
        if (!Convert.TryFromBase64String(signature, given, out var length) || length != given.Length)
        {
            return false;
        }

        // Twilio signs the port with some addresses and leaves it out with others.
        string[] addresses = [url.AbsoluteUri, new UriBuilder(url) { Port = url.Port }.Uri.GetComponents(UriComponents.AbsoluteUri | UriComponents.StrongPort, UriFormat.UriEscaped)];
        foreach (var one in addresses)
        {
            var text = new StringBuilder(one);
            foreach (var (name, values) in form.OrderBy(field => field.Key, StringComparer.Ordinal))
            {
                foreach (var value in values.Distinct().Order(StringComparer.Ordinal))
                {
                    text.Append(name).Append(value);
                }
            }

#pragma warning disable CA5350 // It is Twilio's own scheme; HMAC with SHA-1 is not broken.
            if (CryptographicOperations.FixedTimeEquals(given, HMACSHA1.HashData(Encoding.UTF8.GetBytes(options.Value.AuthToken!), Encoding.UTF8.GetBytes(text.ToString()))))
#pragma warning restore CA5350
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a callback says became of an SMS; null when it says nothing new.</summary>
    public Receipt? Read(IFormCollection form, Guid? notificationId)
    {
        var code = form["ErrorCode"].ToString() is { Length: > 0 and <= 10 } text && text.All(char.IsAsciiDigit) ? text : null;
        NotificationState? state = form["MessageStatus"].ToString() switch
        {
            "sent" => NotificationState.Sent,
            "delivered" or "read" => NotificationState.Delivered,
            "undelivered" or "failed" => NotificationState.Bounced,
            _ => null,
        };
        return state is null ? null : new Receipt(NotificationType.Sms, state.Value, time.GetUtcNow())
        {
            ProviderId = form["MessageSid"].ToString() is { Length: > 0 } sid ? sid : null,
            NotificationId = notificationId,
            Code = code,
            Address = form["To"].ToString() is { Length: > 0 } to ? to : null,
            Suppress = code == StoppedCode.ToString(CultureInfo.InvariantCulture) ? SuppressionReason.Stop
                : state == NotificationState.Bounced && NoNumber.Contains(code) ? SuppressionReason.Bounced
                : null,
        };
    }

    /// <summary>What a recipient has answered: that there is to be an end of it, or that there is not.</summary>
    /// <returns>The number, and whether it is stop; null when it is neither.</returns>
    public static (string Number, bool IsStop)? ReadAnswer(IFormCollection form)
    {
        if (form["From"].ToString() is not { Length: > 0 } number || form["MessageStatus"].Count > 0)
        {
            return null;
        }

        var word = form["OptOutType"].ToString() is { Length: > 0 } type ? type : form["Body"].ToString().Trim();
        return StopWords.Contains(word, StringComparer.OrdinalIgnoreCase) ? (number, true)
            : StartWords.Contains(word, StringComparer.OrdinalIgnoreCase) ? (number, false)
            : null;
    }
}
