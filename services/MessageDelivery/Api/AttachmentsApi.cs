using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Uploading attachments, and getting them. The body of an upload is the file itself.</summary>
internal static class AttachmentsApi
{
    private const int MaxNameLength = 255;

    public static void MapAttachments(this WebApplication app)
    {
        var attachments = app.MapGroup("/attachments").WithTags("Attachments").RequireUser(app.Services).GathersErrors().ProducesValidationProblem();

        attachments.MapPost("/", UploadAsync).WithName("UploadAttachment").ReadsBody().TakesAnyContent()
            .WithSummary("Keeps the body of the request as an attachment of its content type; its id goes into a message's attachments.")
            .WithQueryParameter("fileName", JsonSchemaType.String, $"What to call it, at most {MaxNameLength} characters. Default: no name.")
            .WithUser().ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status422UnprocessableEntity).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        attachments.MapGet("/{id}", DownloadAsync).WithName("GetAttachment")
            .WithSummary("An attachment, to its uploader and to the senders and recipients of the messages that pass it on.")
            .WithUser().Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);
    }

    private static async Task<Results<Created<AttachmentView>, ProblemHttpResult, ValidationProblem>> UploadAsync(
        QueryInput input, HttpContext context, AttachmentUploads uploads, IOptions<AttachmentOptions> options, CancellationToken cancellationToken)
    {
        var user = input.RequiredUser();
        var fileName = input.Text("fileName") is { } name && !string.IsNullOrWhiteSpace(name) ? name : null;
        if (fileName is { Length: > MaxNameLength } || fileName?.Any(char.IsControl) == true)
        {
            input.Refuse("fileName", $"must be at most {MaxNameLength} characters, without control characters.");
        }

        var contentType = string.IsNullOrEmpty(context.Request.ContentType) ? "application/octet-stream" : context.Request.ContentType;
        if (contentType.Length > MaxNameLength || !MediaTypeHeaderValue.TryParse(contentType, out _))
        {
            input.Refuse("Content-Type", $"must be a media type of at most {MaxNameLength} characters, like image/png.");
        }

        if (input.HasErrors)
        {
            return input.Problem();
        }

        var maxBytes = options.Value.MaxBytes;
        if (context.Request.ContentLength > maxBytes)
        {
            return TooLarge(maxBytes);
        }

        var quota = options.Value.MaxBytesPerUser;
        var left = quota - await uploads.BytesOfAsync(user, cancellationToken);
        if (left <= 0 || context.Request.ContentLength > left)
        {
            return QuotaIsUsed(quota);
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = Math.Min(maxBytes, left);
        try
        {
            var attachment = await uploads.SaveAsync(user, fileName, contentType, context.Request.Body, cancellationToken);
            return TypedResults.Created($"/attachments/{attachment.Id}", AttachmentView.Of(attachment));
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return left < maxBytes ? QuotaIsUsed(quota) : TooLarge(maxBytes);
        }
        catch (InfectedAttachmentException exception)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status422UnprocessableEntity, title: "The attachment is infected.", detail: $"The scanner has found {exception.Found} in it; it was not kept.");
        }
        catch (ScannerAwayException exception)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "The attachment cannot be scanned now.", detail: $"{exception.Message} It was not kept; try again soon.");
        }
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult, ValidationProblem>> DownloadAsync(
        string id, QueryInput input, HttpContext context, AttachmentLinks links, MessagesDbContext database, AttachmentContents contents, CancellationToken cancellationToken)
    {
        var (attachmentId, user) = (input.Id("id", id), input.RequiredUser());
        if (input.HasErrors)
        {
            return input.Problem();
        }

        if (await links.FindAsync(attachmentId, user, cancellationToken) is not { } attachment)
        {
            return NoSuchAttachment();
        }

        Stream? content;
        try
        {
            content = await contents.OpenReadAsync(database, attachment, cancellationToken);
        }
        catch (CryptographicException)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status410Gone, title: "The attachment cannot be opened any more.", detail: "The key that it is sealed with has been removed.");
        }

        if (content is null)
        {
            return NoSuchAttachment();
        }

        // Never shown in place: a page that somebody uploaded must not run as one of ours.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Stream(content, attachment.ContentType, NameOf(attachment), enableRangeProcessing: true);
    }

    // The same answer whether it is missing or somebody else's.
    private static ProblemHttpResult NoSuchAttachment() => TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such attachment.");

    // Without a name there is no Content-Disposition, and without that a page would be shown in place.
    private static string NameOf(Attachment attachment) => string.IsNullOrWhiteSpace(attachment.FileName) ? attachment.Id.ToString("N") : attachment.FileName;

    private static ProblemHttpResult QuotaIsUsed(long quota) => TypedResults.Problem(
        statusCode: StatusCodes.Status413PayloadTooLarge, title: "The user's attachments would be too large.",
        detail: $"All attachments of a user have at most {quota} bytes (Attachments:MaxBytesPerUser); they go with their retention.");

    private static ProblemHttpResult TooLarge(long maxBytes) => TypedResults.Problem(
        statusCode: StatusCodes.Status413PayloadTooLarge, title: "The attachment is too large.", detail: $"An attachment has at most {maxBytes} bytes.");
}

/// <summary>An attachment as its uploader sees it.</summary>
/// <param name="AttachmentId">Its id: what a message's attachments name it by.</param>
/// <param name="FileName">What its uploader calls it.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="CreatedAt">When it was uploaded.</param>
internal sealed record AttachmentView(Guid AttachmentId, string? FileName, string ContentType, long Size, DateTimeOffset CreatedAt)
{
    /// <summary>The view of a complete attachment.</summary>
    /// <param name="attachment">The attachment.</param>
    public static AttachmentView Of(Attachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        return new AttachmentView(attachment.Id, attachment.FileName, attachment.ContentType, attachment.Size ?? 0, attachment.CreatedAt);
    }
}
