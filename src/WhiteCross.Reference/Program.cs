using WhiteCross.Reference;

// Writes docs/reference and the API's description from the code: `dotnet run --project src/WhiteCross.Reference`. A test holds the files against the code.
var repository = Sources.FindRepository();
foreach (var (name, text) in await ReferencePages.RenderAsync(repository, CancellationToken.None))
{
    var path = Path.Combine(repository, name);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    await File.WriteAllTextAsync(path, text);
    Console.WriteLine(name);
}
