using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using MimeKit;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>Where providers tell what became of notifications. None of them is a user: each shows that it is who it says in its own way.</summary>
internal static class ReceiptsApi
{
    // A report holds the mail that it is about, or its beginning.
    private const long MaxBody = 2 * 1024 * 1024;

    public static void MapReceipts(this WebApplication app)
    {
        var receipts = app.MapGroup("/notifications/receipts").WithTags("Receipts").ForSigned()
            .ReadsBody().ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody)).DisableAntiforgery();

        receipts.MapPost("/twilio", TakeTwilioAsync).WithName("TakeTwilioReceipt")
            .WithSummary("Twilio's status callback, and its webhook for what recipients answer (STOP, START); checked by X-Twilio-Signature.")
            .WithQueryParameter(PublicAddress.NotificationParameter, Microsoft.OpenApi.JsonSchemaType.String, "The notification that the callback is about.", "uuid")
            .Produces(StatusCodes.Status200OK, contentType: "text/xml");
        receipts.MapPost("/mail", TakeMailAsync).WithName("TakeMailReport")
            .WithSummary("A report of a mail server as it came (message/rfc822): a bounce or delivery by RFC 3464, a complaint by RFC 5965.")
            .Produces<ReceiptsTaken>().ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        receipts.MapPost("/", TakeEventsAsync).WithName("TakeReceipts")
            .WithSummary("Events of a provider's webhook: an object, or an array of objects, each with event, and messageId or notificationId.")
            .Produces<ReceiptsTaken>().ProducesValidationProblem();
    }

    private static async Task<IResult> TakeTwilioAsync(QueryInput input, HttpContext context, TwilioReceipts twilio, ReceiptBook book, SuppressionStore suppressions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (twilio.Problem is { } setting)
        {
            return Unset(setting);
        }

        if (!context.Request.HasFormContentType)
        {
            return TypedResults.Problem("The body must be a form, as Twilio sends it.", statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Wrong content type");
        }

        var form = await context.Request.ReadFormAsync(cancellationToken);
        if (!twilio.IsSigned(PublicAddress.TwilioPath + context.Request.QueryString.ToUriComponent(), form, context.Request.Headers["X-Twilio-Signature"].ToString()))
        {
            return TypedResults.Problem(
                $"X-Twilio-Signature is not that of this request. It is checked against {NotificationOptions.SectionName}:PublicUrl, which must be the address that Twilio calls, and {SmsOptions.SectionName}:AuthToken.",
                statusCode: StatusCodes.Status403Forbidden,
                title: "Not signed by Twilio");
        }

        if (TwilioReceipts.ReadAnswer(form) is { } answer)
        {
            await HeedAsync(answer.Number, answer.IsStop, suppressions, time, cancellationToken);
        }
        else if (twilio.Read(form, Guid.TryParse(input.Text(PublicAddress.NotificationParameter), out var id) ? id : null) is { } receipt)
        {
            await book.TakeAsync(receipt, cancellationToken);
        }

        // An answer of TwiML that says nothing: the recipient gets no SMS for an SMS.
        return TypedResults.Text("<Response/>", "text/xml");
    }

    private static async Task HeedAsync(string number, bool isStop, SuppressionStore suppressions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!isStop)
        {
            await suppressions.RemoveStopAsync(number, cancellationToken);
            return;
        }

        await suppressions.AddAsync(
            new Suppression
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Channel = NotificationType.Sms,
                Address = Addresses.Comparable(NotificationType.Sms, number),
                Reason = SuppressionReason.Stop,
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
    }

    private static async Task<IResult> TakeMailAsync(HttpContext context, ReceiptBook book, TimeProvider time, IOptions<ReceiptOptions> options, CancellationToken cancellationToken)
    {
        if (Refused(context, options.Value) is { } refusal)
        {
            return refusal;
        }

        if (context.Request.ContentType?.StartsWith("message/", StringComparison.OrdinalIgnoreCase) != true)
        {
            return TypedResults.Problem("The body must be a mail as it came: send content-type message/rfc822.", statusCode: StatusCodes.Status415UnsupportedMediaType, title: "Wrong content type");
        }

        try
        {
            using var mail = await MimeMessage.LoadAsync(context.Request.Body, cancellationToken);
            return TypedResults.Ok(await book.TakeAsync(MailReports.Read(mail, time.GetUtcNow()), cancellationToken));
        }
        catch (FormatException)
        {
            // A pipe that is refused tries again, or bounces: what is no mail is none the second time either.
            return TypedResults.Ok(new ReceiptsTaken(0, 0, 0));
        }
    }

    private static async Task<IResult> TakeEventsAsync(HttpContext context, ReceiptBook book, TimeProvider time, IOptions<ReceiptOptions> options, CancellationToken cancellationToken)
    {
        if (Refused(context, options.Value) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return TypedResults.Ok(await book.TakeAsync(await WebhookEvents.ReadAsync(context.Request.Body, time.GetUtcNow(), cancellationToken), cancellationToken));
        }
        catch (JsonException)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["$"] = ["must be JSON: an event, or an array of events."] });
        }
    }

    private static ProblemHttpResult? Refused(HttpContext context, ReceiptOptions options)
    {
        if (options.Key is not { Length: > 0 } key)
        {
            return Unset($"{ReceiptOptions.SectionName}:{nameof(ReceiptOptions.Key)}");
        }

        var given = context.Request.Headers.Authorization.ToString();
        var shown = given.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? given["Bearer ".Length..].Trim() : PasswordOf(given);
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), SHA256.HashData(Encoding.UTF8.GetBytes(key)))
            ? null
            : TypedResults.Problem(
                $"Show {ReceiptOptions.SectionName}:{nameof(ReceiptOptions.Key)} as Authorization: Bearer, or as the password of a basic authorization.",
                statusCode: StatusCodes.Status403Forbidden,
                title: "Not known here");
    }

    // All that many webhooks can be told is an address with a user and a password in it.
    private static string PasswordOf(string authorization)
    {
        var bytes = new byte[1_500];
        return authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && authorization.Length < 2_000
            && Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var password] ? password : string.Empty
            : string.Empty;
    }

    private static ProblemHttpResult Unset(string setting) => TypedResults.Problem(
        string.Create(CultureInfo.InvariantCulture, $"{setting} of the message-notification service is not set, so nothing that comes here can be believed."),
        statusCode: StatusCodes.Status503ServiceUnavailable,
        title: "Not set up");
}
