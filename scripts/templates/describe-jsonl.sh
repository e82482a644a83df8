for file in "$RELEASE"/*; do
  jq -n --arg name "${file##*/}" --arg sha256 "$(sha256sum < "$file" | cut -c 1-64)" \
    --arg uri "$RELEASE_URI/$GITHUB_REF_NAME/${file##*/}" '{ $name, $sha256, $uri }'
done | jq -s \
  --arg repo "$NODE" --arg version "${GITHUB_REF_NAME#v}" --arg commit "$GITHUB_SHA" \
  '{ type: "ReleasePublished", $repo, $version, $commit, artifacts: ., attestations: [] }' > "$EVENT"
cat "$EVENT"
