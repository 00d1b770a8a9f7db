using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>Keeps attachments as files in a local directory. Their names are made of the ids alone: nothing that a user says becomes a path.</summary>
/// <param name="directory">The directory.</param>
internal sealed class FileAttachmentStore(string directory) : IAttachmentStore
{
    public async Task<long> SaveAsync(Guid id, Stream content, CancellationToken cancellationToken)
    {
        var path = PathOf(id);
        WritableDirectory.Create(Path.GetDirectoryName(path)!);
        var unfinished = Unfinished(path);
        long size;
        await using (var file = WritableDirectory.CreateFile(unfinished))
        {
            await content.CopyToAsync(file, cancellationToken);
            await file.FlushAsync(cancellationToken);
            file.Flush(flushToDisk: true);
            size = file.Length;
        }

        File.Move(unfinished, path, overwrite: true);
        return size;
    }

    public async Task<bool> ReplaceAsync(Guid id, long length, Func<Stream, Stream> change, CancellationToken cancellationToken)
    {
        await using var content = await OpenReadAsync(id, cancellationToken);
        if (content is null || content.Length != length)
        {
            return false;
        }

        // Under a name that no other instance has. Of one that died it may be left until the attachment goes: it is sealed, and nobody has its place.
        var (path, unfinished) = (PathOf(id), $"{PathOf(id)}.{Guid.NewGuid():N}.part");
        try
        {
            await using (var file = WritableDirectory.CreateFile(unfinished))
            {
                await using var changed = change(content);
                await changed.CopyToAsync(file, cancellationToken);
                await file.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }

        return true;
    }

    public Task<Stream?> OpenReadAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 64 * 1024, useAsync: true));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        var path = PathOf(id);
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
            File.Delete(Unfinished(path));
        }

        return Task.CompletedTask;
    }

    private static string Unfinished(string path) => path + ".part";

    // Spread over 256 folders by the id's last digits: its first ones are a time.
    private string PathOf(Guid id)
    {
        var name = id.ToString("N");
        return Path.Combine(directory, name[^2..], name);
    }
}
