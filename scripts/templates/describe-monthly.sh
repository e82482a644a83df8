for file in "$RELEASE"/*; do
  jq -n --arg name "${file##*/}" --arg sha256 "$(sha256sum < "$file" | cut -c 1-64)" '{ $name, $sha256 }'
done | jq -s \
  --arg repo "$NODE" --arg version "${GITHUB_REF_NAME#v}" --arg commit "$GITHUB_SHA" \
  --arg profile "$(jq -r .profileId repomesh.profile.json)" \
  '{ type: "ReleasePublished", payload: { $repo, $version, $commit, artifacts: ., $profile } }' > "$EVENT"
cat "$EVENT"
