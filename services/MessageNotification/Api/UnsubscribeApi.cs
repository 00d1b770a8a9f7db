using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageNotification;

/// <summary>
/// Where the links in mails lead. A GET only asks: mail scanners follow links. The POST, which mail programs send for one click (RFC 8058) and the page's
/// button too, unsubscribes. Neither asks who it is: the signed link says so.
/// </summary>
internal static class UnsubscribeApi
{
    public static void MapUnsubscribe(this WebApplication app)
    {
        var links = app.MapGroup($"{PublicAddress.UnsubscribePath}/{{token}}").WithTags("Notifications").ForSigned().TakesAnyRequest().DisableAntiforgery();
        links.MapGet("/", Ask).WithName("AskUnsubscribe").WithSummary("A page that asks whether to unsubscribe.");
        links.MapPost("/", UnsubscribeAsync).WithName("Unsubscribe").WithSummary("Unsubscribes: one click, without logging in (RFC 8058).");
    }

    private static ContentHttpResult Ask(string token, HttpContext context, UnsubscribeLinks links) => links.Read(token) is { } link
        ? Page(context, StatusCodes.Status200OK, "Unsubscribe",
            $"<p>No more e-mail of the kind “{WebUtility.HtmlEncode(link.Category)}”?</p><form method=\"post\"><button type=\"submit\">Unsubscribe</button></form>")
        : Unknown(context);

    private static async Task<IResult> UnsubscribeAsync(
        string token, HttpContext context, UnsubscribeLinks links, PreferenceStore preferences, ReceiptBook book, TimeProvider time, CancellationToken cancellationToken)
    {
        if (links.Read(token) is not { } link)
        {
            return Unknown(context);
        }

        // Also when the notification is past its time and gone.
        await preferences.OptOutAsync(link.UserId, link.Category, NotificationType.Email, cancellationToken);
        await book.TakeAsync(new Receipt(NotificationType.Email, NotificationState.Unsubscribed, time.GetUtcNow()) { NotificationId = link.NotificationId }, cancellationToken);
        return Page(context, StatusCodes.Status200OK, "Unsubscribed", $"<p>There will be no more e-mail of the kind “{WebUtility.HtmlEncode(link.Category)}”.</p>");
    }

    private static ContentHttpResult Unknown(HttpContext context) =>
        Page(context, StatusCodes.Status404NotFound, "This link is not valid", "<p>It may have been cut in two. Please follow it from the mail again.</p>");

    private static ContentHttpResult Page(HttpContext context, int status, string title, string body)
    {
        // The address is a key: it is told to nobody, and nobody shows the page within another.
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text(
            $"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title></head><body><main><h1>{title}</h1>{body}</main></body></html>",
            "text/html; charset=utf-8",
            statusCode: status);
    }
}
